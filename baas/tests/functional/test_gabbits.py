# SPDX-License-Identifier: Apache-2.0
"""The YAML files of this folder, over the whole service in process."""
import pathlib

from gabbi import driver

from baas.tests.functional import gabbi_fixtures


def load_tests(loader, _tests, _pattern):
    """Make a test of each request of each file."""
    return driver.build_tests(
        str(pathlib.Path(__file__).parent / 'gabbits'), loader,
        intercept=gabbi_fixtures.application, fixture_module=gabbi_fixtures,
        test_loader_name=__name__)
