# SPDX-License-Identifier: Apache-2.0
"""How the API reference is built: "tox -e api-ref", which makes the pages of
v1 from the document that the service gives of itself."""
from baas.api import microversion

project = 'Control Plane Backup API Reference'
copyright = 'OpenStack BaaS authors'

extensions = ['openstackdocstheme', 'os_api_ref']

openstackdocs_auto_name = False
openstackdocs_auto_version = False
openstackdocs_pdf_link = False
openstackdocs_use_storyboard = False

# The menu of microversions hides what came later than the one that is chosen.
os_api_ref_min_microversion = microversion.VERSIONS[0]
os_api_ref_max_microversion = microversion.VERSIONS[-1]

html_theme = 'openstackdocs'
html_theme_options = {'display_badge': False, 'sidebar_mode': 'toc'}
pygments_style = 'native'
exclude_patterns = []
