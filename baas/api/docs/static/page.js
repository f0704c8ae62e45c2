// SPDX-License-Identifier: Apache-2.0
// Shows the document of the API with redoc, in the colours that the browser
// asks for.
'use strict';
(function () {
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  const CODE = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
  const LIGHT = {
    page: '#ffffff', beside: '#f4f6f8', raised: '#f4f6f8', line: '#d5dbe1',
    text: '#1d2733', faint: '#56616d', link: '#0b5cad', marked: '#e3ebf3',
    good: '#1a6b32', goodBack: '#eaf5ed', bad: '#b3261e', badBack: '#fbeeed',
    panel: '#1f2933', panelText: '#f0f4f8', code: '#161d24',
    badGood: '#f28b82', goodDark: '#81c995'
  };
  const DARK = {
    page: '#14181d', beside: '#1a2027', raised: '#1d242c', line: '#36404b',
    text: '#d7dee6', faint: '#9aa7b4', link: '#7db7ff', marked: '#26303a',
    good: '#81c995', goodBack: '#17291d', bad: '#f28b82', badBack: '#2e1b1b',
    panel: '#0e1216', panelText: '#d7dee6', code: '#1a2027',
    badGood: '#f28b82', goodDark: '#81c995'
  };

  function theme(c) {
    const answer = function (color, back, tab) {
      return { color: color, backgroundColor: back, tabTextColor: tab };
    };
    return {
      spacing: { sectionVertical: 24 },
      colors: {
        primary: { main: c.link, light: c.link, dark: c.link, contrastText: c.page },
        success: { main: c.good }, error: { main: c.bad },
        gray: { 50: c.raised, 100: c.raised },
        border: { light: c.line, dark: c.line },
        text: { primary: c.text, secondary: c.faint },
        responses: {
          success: answer(c.good, c.goodBack, c.goodDark),
          error: answer(c.bad, c.badBack, c.badGood),
          redirect: answer(c.faint, c.raised, c.faint),
          info: answer(c.link, c.raised, c.link)
        },
        http: { get: '#2f7d3b', post: '#1f5fa8', patch: '#8a5a00', delete: '#b3261e' }
      },
      schema: {
        linesColor: c.line, typeNameColor: c.faint, typeTitleColor: c.faint,
        requireLabelColor: c.bad, nestedBackground: c.raised,
        arrow: { color: c.faint }
      },
      typography: {
        fontSize: '15px', fontFamily: FONT,
        headings: { fontFamily: FONT, fontWeight: '600' },
        code: { fontFamily: CODE, fontSize: '13px', color: c.text, backgroundColor: c.marked, wrap: true },
        links: { color: c.link, visited: c.link, hover: c.link, textDecoration: 'underline' }
      },
      sidebar: {
        backgroundColor: c.beside, textColor: c.text, activeTextColor: c.link,
        groupItems: { activeBackgroundColor: c.marked, activeTextColor: c.link },
        level1Items: { activeBackgroundColor: c.marked, activeTextColor: c.link },
        arrow: { color: c.faint }
      },
      rightPanel: {
        backgroundColor: c.panel, textColor: c.panelText,
        servers: { overlay: { backgroundColor: c.raised, textColor: c.text }, url: { backgroundColor: c.page } }
      },
      codeBlock: { backgroundColor: c.code },
      fab: { backgroundColor: c.marked, color: c.link },
      // What redoc has no setting for.
      extensionsHook: function (name) {
        return {
          UnderlinedHeader: 'color: ' + c.faint + '; border-color: ' + c.line + ';',
          PropertyDetailsCell: 'border-color: ' + c.line + ';'
        }[name];
      }
    };
  }

  // Makes of the document what redoc can show: it has another word for what
  // may be null, and none for since when something is there.
  function shown(value) {
    if (value === null || typeof value !== 'object') { return value; }
    if (Array.isArray(value)) { return value.map(shown); }
    const found = {};
    Object.keys(value).forEach(function (name) {
      found[name] = name === 'example' ? value[name] : shown(value[name]);
    });
    const kinds = found.anyOf || [];
    if (kinds.length === 2 && kinds[1].type === 'null') {
      delete found.anyOf;
      Object.assign(found, kinds[0], { description: found.description, nullable: true });
    }
    const since = (found['x-openstack'] || {})['min-ver'];
    if (since) {
      found.description = ((found.description || '') + ' *From microversion ' + since + ' on.*').trim();
    }
    return found;
  }

  const place = document.getElementById('redoc');
  const url = place.dataset.document;
  const asked = window.matchMedia('(prefers-color-scheme: dark)');
  const options = {
    theme: theme(asked.matches ? DARK : LIGHT),
    downloadUrls: [{ title: 'openapi.json', url: url }],
    expandResponses: '200,201,202', jsonSamplesExpandLevel: 3,
    nativeScrollbars: true, requiredPropsFirst: true, hideSchemaPattern: true,
    sanitize: true, hideHostname: true, minCharacterLengthToInitSearch: 2
  };

  function failed(error) {
    const line = document.createElement('p');
    line.className = 'plain';
    line.textContent = 'The document of the API cannot be shown: ' + error.message;
    place.replaceChildren(line);
  }

  // Its colours are made of numbers, once: another wish is another page.
  asked.addEventListener('change', function () { window.location.reload(); });
  fetch(url, { credentials: 'omit' }).then(function (answer) {
    if (!answer.ok) { throw new Error('status ' + answer.status); }
    return answer.json();
  }).then(function (found) {
    Redoc.init(shown(found), options, place, function (error) { if (error) { failed(error); } });
  }).catch(failed);
}());
