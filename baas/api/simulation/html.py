# SPDX-License-Identifier: Apache-2.0
"""/v1/docs/simulation: what a policy makes of sets, in a browser.

Its figures are those of ``GET /v1/cleanup/simulation``, which work them out
anew each time; so whoever asks must be let in as there. The page is one file
without a script: its style is in it, let in by its digest. Nothing leads away
from it, and it is the same where somebody keeps it.
"""
import base64
import functools
import hashlib
from importlib import resources

import jinja2
import webob
from webob import exc

from baas.api.docs import page
from baas.api import policy
from baas.api.simulation import arguments
from baas.api.simulation import chart
from baas.api.simulation import figures
from baas.api.strict import request
from baas import context
from baas import errors

PATH = f'{page.PATH}/simulation'
FIELDS = (
    ('When sets are taken', ('cron', 'timezone', 'days')),
    ('Which ones stay', tuple(name for name in arguments.CALL.about
                              if name.startswith(('keep_', 'minimum')))),
    ('What they hold', ('size_bytes', 'change_bytes')))
"""The parts of the form, and the arguments in each."""


class Embedded(errors.BaasError):
    """A page of another site asks for it by itself: 403."""
    code = 403
    faultcode = 'baas.request.embedded'
    title = 'Forbidden'
    message = 'A page of another site has asked for this one.'
    hint = 'Open it in a window of its own.'


def layer(application, conf):
    """Answer requests for the page; leave all others to the application, and
    these too where ``[api] docs`` is off."""
    if not conf.api.docs:
        return application

    def choose(environ, start_response):
        if environ.get('PATH_INFO', '').removesuffix('/') != PATH:
            return application(environ, start_response)
        asked = request.Request(environ)
        if asked.method not in ('GET', 'HEAD'):
            raise exc.HTTPMethodNotAllowed(headers={'Allow': 'GET, HEAD'})
        # The browser of somebody who is let in would send the password.
        if (asked.headers.get('Sec-Fetch-Site') in ('cross-site', 'same-site')
                and asked.headers.get('Sec-Fetch-Dest') != 'document'):
            raise Embedded()
        policy.check(arguments.CALL.rule,
                     context.RequestContext.from_environ(environ))
        return _answer(arguments.Arguments(asked.GET))(
            environ, start_response)
    return choose


def _answer(asked):
    response = webob.Response(
        text=_show(asked), status=200 if asked.result else 400,
        content_type='text/html', charset='utf-8', cache_control='no-store')
    response.headers.update(page.HEADERS)
    response.headers['Content-Security-Policy'] = (
        f"{_policy()}; form-action 'self'; frame-ancestors 'none'")
    return response


def _show(asked):
    fields = {field.name: field for field in asked.fields()}
    return _template().render(
        asked=asked, result=asked.result, style=_style(), policy=_policy(),
        parts=[(title, [fields[name] for name in names])
               for title, names in FIELDS],
        charts=_charts(asked.result) if asked.result else [],
        drawing=chart, figures=figures)


def _charts(result):
    days, charts = result['days'], []
    over = f'from {days[0]["date"]} to {days[-1]["date"]}'
    charts.append(chart.draw(
        'sets', 'Sets at the end of each day', f'At most '
        f'{result["most_sets"]}, and {days[-1]["sets"]} at the end, {over}.',
        days, str))
    most = result['most_stored_bytes']
    if most is not None:
        charts.append(chart.draw(
            'stored_bytes', 'What they take on the storage, with the trash',
            f'At most {figures.size(most)}, and '
            f'{figures.size(days[-1]["stored_bytes"])} at the end, {over}.',
            days, figures.size, chart.binary(most)))
    return charts


def _policy():
    """Give what a browser may do for the page: show it, and nothing else. It
    is in the page, too, for who keeps it."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest())
    return (f"default-src 'none'; style-src 'sha256-{digest.decode()}'; "
            "img-src data:; base-uri 'none'")


@functools.cache
def _style():
    return _read('page.css')


@functools.cache
def _template():
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True)
    return environment.from_string(_read('page.html'))


def _read(name):
    return resources.files(__package__).joinpath(
        'static', name).read_text(encoding='utf-8')
