# SPDX-License-Identifier: Apache-2.0
"""How the release notes are built:
`sphinx-build -W releasenotes/source releasenotes/build/html`."""

project = 'BaaS release notes'
copyright = 'OpenStack BaaS authors'

extensions = ['openstackdocstheme', 'reno.sphinxext']

openstackdocs_auto_name = False
openstackdocs_auto_version = False
openstackdocs_pdf_link = False
openstackdocs_use_storyboard = False

html_theme = 'openstackdocs'
html_theme_options = {'display_badge': False}
pygments_style = 'native'
