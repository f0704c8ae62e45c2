# SPDX-License-Identifier: Apache-2.0
"""Starts Chromium and looks at what it does."""
import base64
import json
import pathlib
import shutil
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.chrome import service
from selenium.webdriver.support import wait

PICTURES = pathlib.Path('.tests/pictures')
"""Where screenshots are put, for people to look at."""
WITHIN = 60
"""Seconds that a page may take: only a broken one does."""
_QUIET = (
    # The tests run as root, where there is no card, and ask nobody else.
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--hide-scrollbars')


class BrowserTest(unittest.TestCase):
    """A test with a browser of its own class, which has seen nothing yet."""

    @classmethod
    def setUpClass(cls):
        program, driver = map(shutil.which, ('chromium', 'chromedriver'))
        if not (program and driver):
            raise unittest.SkipTest(
                'Chromium is missing: tools/install browser')
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for one in (*_QUIET, f'--user-data-dir={folder.name}'):
            options.add_argument(one)
        options.set_capability('goog:loggingPrefs', {
            'browser': 'ALL', 'performance': 'ALL'})
        cls.browser = webdriver.Chrome(
            options=options, service=service.Service(driver))
        cls.addClassCleanup(cls.browser.quit)

    def look(self, width=1280, scheme='light'):
        """Make the window as wide, and wish for light or dark."""
        self.browser.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': 900, 'deviceScaleFactor': 1,
            'mobile': width < 600})
        self.wish(scheme)

    def wish(self, scheme):
        """Have the browser say what its user likes, light or dark."""
        self.browser.execute_cdp_cmd('Emulation.setEmulatedMedia', {
            'features': [{'name': 'prefers-color-scheme', 'value': scheme}]})

    def show(self, url, sections=30):
        """Go to a page and wait until redoc has shown it.

        :param sections: how many parts it has at least (int).
        """
        self.browser.get('about:blank')
        for kind in ('browser', 'performance'):
            self.browser.get_log(kind)  # what was before is forgotten
        self.browser.get(url)
        self.until('return document.querySelectorAll("[data-section-id]")'
                   f'.length > {sections}')

    def until(self, script):
        """Wait until a script gives something true, and give that."""
        return wait.WebDriverWait(self.browser, WITHIN).until(
            lambda browser: browser.execute_script(script))

    def run_here(self, name):
        """Run a script of this folder in the page; give what it gives."""
        return self.browser.execute_script(
            pathlib.Path(__file__).with_name(name).read_text())

    def picture(self, name):
        """Keep a screenshot for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.browser.save_screenshot(str(PICTURES / f'{name}.png'))

    def whole_picture(self, name):
        """Keep a picture of all of the page, as long as it is."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        found = self.browser.execute_cdp_cmd('Page.captureScreenshot', {
            'captureBeyondViewport': True})
        (PICTURES / f'{name}.png').write_bytes(
            base64.b64decode(found['data']))

    def asked(self):
        """Give what the page has asked for since it was shown: URLs that went
        out, and URLs that its policy has stopped (two sets)."""
        urls, stopped = {}, set()
        for entry in self.browser.get_log('performance'):
            message = json.loads(entry['message'])['message']
            about = message['params']
            if message['method'] == 'Network.requestWillBeSent':
                urls[about['requestId']] = about['request']['url']
            elif message['method'] == 'Network.loadingFailed':
                if about.get('blockedReason') == 'csp':
                    stopped.add(about['requestId'])
        return ({url for id, url in urls.items() if id not in stopped},
                {url for id, url in urls.items() if id in stopped})

    def said(self):
        """Give what the browser has complained of (list of str)."""
        return [entry['message'] for entry in self.browser.get_log('browser')]
