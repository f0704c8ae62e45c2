# SPDX-License-Identifier: Apache-2.0
"""How the documentation is built: `sphinx-build -W doc/source doc/build/html`
from the top of the repository."""
import pathlib

from baas import threads

# First, for it says that there is no eventlet here; the generators below load
# libraries that would take it.
threads.choose()

project = 'BaaS'
copyright = 'OpenStack BaaS authors'

extensions = [
    'openstackdocstheme',
    # Options and rules come from the code, never from a page.
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'oslo_policy.sphinxpolicygen',
]

config_generator_config_file = [
    ('../../etc/baas/config-generator.conf', '_static/baas')]
policy_generator_config_file = [
    ('../../etc/baas/policy-generator.conf', '_static/baas')]

openstackdocs_auto_name = False
# The version is that of the installed package; a checkout has none to show.
openstackdocs_auto_version = False
openstackdocs_pdf_link = False
openstackdocs_use_storyboard = False

html_theme = 'openstackdocs'
html_theme_options = {'display_badge': False}
html_static_path = ['_static']
# The folder holds the sample files alone, which are made at each build.
pathlib.Path(__file__).with_name('_static').mkdir(exist_ok=True)
pygments_style = 'native'
exclude_patterns = []
