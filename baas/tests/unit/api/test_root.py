# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.api import auth
from baas.api import policy
from baas.api import root
from baas.api.strict import request as requests

CALLS = [(method, path, function) for path, methods in root.ROUTES.items()
         for method, function in methods.items()]
RULES = {rule.name: rule for rule in policy.list_rules()}


class RoutesTest(unittest.TestCase):

    def find(self, path, method='GET'):
        request = requests.Request.blank(path, method=method)
        return root.find(request), request.urlvars

    def test_last_is_no_id(self):
        function, given = self.find('/v1/backup/last')
        self.assertIs(root.ROUTES['/v1/backup/last']['GET'], function)
        self.assertEqual({}, given)

    def test_an_argument_is_named_as_its_function_does(self):
        for method, name in (('GET', 'id'), ('POST', 'target')):
            self.assertEqual({name: 'x'},
                             self.find('/v1/backup/x', method)[1])

    def test_an_empty_word_is_no_argument(self):
        for path in ('/v1/job//log', '/v1//job', '//v1', '/v1/job//'):
            with self.subTest(path), self.assertRaises(root.UnknownPath):
                self.find(path)

    def test_attributes_of_python_are_no_paths(self):
        for path in ('/v1/__class__', '/_METHODS', '/v1/job/x/__init__'):
            with self.subTest(path), self.assertRaises(root.UnknownPath):
                self.find(path)

    def test_a_method_in_the_query_does_not_count(self):
        function, _given = self.find('/v1/backup/x?_method=DELETE')
        self.assertIs(root.ROUTES['/v1/backup/{id}']['GET'], function)

    def test_each_word_in_braces_is_an_argument(self):
        for method, path, function in CALLS:
            names = [a.name for a in function.call.definition.arguments]
            for word in path.split('/'):
                if word.startswith('{'):
                    self.assertIn(word[1:-1], names, path)

    def test_each_call_has_a_rule_that_names_it(self):
        for method, path, function in CALLS:
            if path.rstrip('/') in auth.OPEN:
                continue
            with self.subTest(f'{method} {path}'):
                rule = RULES[function.call.rule]
                self.assertIn({'method': method, 'path': path},
                              rule.operations)

    def test_what_changes_something_is_for_who_may_act(self):
        for method, path, function in CALLS:
            if function.call.rule:
                with self.subTest(f'{method} {path}'):
                    self.assertEqual(
                        policy.LOOK if method == 'GET' else policy.ACT,
                        RULES[function.call.rule].check_str)

    def test_no_two_functions_have_one_route(self):
        exposed = list(root.functions())
        self.assertEqual(len(exposed), len(set(exposed)))
        self.assertEqual(len(exposed), len(CALLS))

    def test_what_is_exposed_says_what_it_does(self):
        for method, path, function in CALLS:
            with self.subTest(f'{method} {path}'):
                self.assertRegex(function.call.summary, r'^[A-Z].*\.$')

    def test_each_rule_is_of_a_call(self):
        used = {function.call.rule for _m, _p, function in CALLS}
        self.assertEqual(
            used - {None}, {name for name in RULES if name.count(':') == 2})

    def test_only_open_paths_have_no_rule(self):
        self.assertEqual(
            set(auth.OPEN),
            {path.rstrip('/') for _method, path, function in CALLS
             if function.call.rule is None})
