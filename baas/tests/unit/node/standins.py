# SPDX-License-Identifier: Apache-2.0
"""Small programs in the place of tools that a test machine need not have.

They are real programs that keep what they are told in files, and are found
through PATH as the tools are."""
import json
import os
import subprocess
import sys

from baas.node import paths
from baas.node.system import command

SYSTEMCTL = '''
units = load('units.json')
words = [word for word in sys.argv[1:] if not word.startswith('--')]
note(' '.join(words))
if words[0] == 'list-units':
    for name, unit in sorted(units.items()):
        print(name, 'loaded', unit['ActiveState'], 'running', name)
elif words[0] == 'show':
    # As systemd 252 does it: what a kind of unit does not have is left out,
    # whatever was asked for, and names without their value are known to it.
    [asked] = [word[11:].split(',') for word in sys.argv
               if word.startswith('--property=')]
    for name in words[1:]:
        unit = next((dict(unit, Id=real) for real, unit in units.items()
                     if name in [real] + unit.get('Names', '').split()),
                    {'LoadState': 'not-found', 'ActiveState': 'inactive',
                     'Id': name})
        unit.setdefault('Names', unit['Id'])
        for pair in unit.items():
            if pair[0] in asked and not (
                    name.endswith(('.timer', '.path'))
                    and pair[0] == 'ControlGroup'):
                print('%s=%s' % pair)
        print()
elif words[0] in ('start', 'stop'):
    for name in words[1:]:
        if units[name]['ActiveState'] != 'deactivating':
            units[name]['ActiveState'] = {
                'start': 'active', 'stop': 'inactive'}[words[0]]
    save('units.json', units)
'''
PODMAN = '''
boxes = load('containers.json')
words = [word for word in sys.argv[1:]]
note(' '.join(words))
if words[0] == 'ps' and 'json' in words:
    print(json.dumps([{'Names': [name], 'State': box['State']['Status']}
                      for name, box in sorted(boxes.items())]))
elif words[0] == 'ps' and '{{json .}}' in words:
    for name, box in sorted(boxes.items()):
        print(json.dumps({'Names': name, 'State': box['State']['Status']}))
elif words[0] == 'ps':
    print('\\n'.join(name for name, box in sorted(boxes.items())
                    if box['State']['Status'] in ('running', 'paused')))
elif words[0] == 'inspect':
    print(json.dumps([dict(boxes[name], Name=name) for name in words[1:]]))
else:
    for name in words[1:]:
        boxes[name]['State']['Status'] = {
            'pause': 'paused', 'unpause': 'running', 'start': 'running',
            'stop': 'exited'}[words[0]]
    save('containers.json', boxes)
'''
SESSION = '''while read -r line; do case $line in
    *CONNECTION_ID*) echo 7 ;;
    *locked*) echo locked ;;
esac; done'''
"""A session with a database (shell): what is a question is answered when it
is asked."""
CIBADMIN = '''
print('<crm_config><cluster_property_set id="cib-bootstrap-options">')
for name, value in sorted(load('cib.json').items()):
    print('<nvpair id="x-%s" name="%s" value="%s"/>' % (name, name, value))
print('</cluster_property_set></crm_config>')
'''
CRM_ATTRIBUTE = '''
cib = load('cib.json')
name = sys.argv[sys.argv.index('--name') + 1]
if '--delete' in sys.argv:
    cib.pop(name, None)
else:
    cib[name] = sys.argv[sys.argv.index('--update') + 1]
save('cib.json', cib)
'''
CRM_MON = '''
print('<pacemaker-result><summary><current_dc with_quorum="true"/></summary>'
      '<nodes>%s</nodes></pacemaker-result>' % ''.join(
          '<node name="%s" online="%s"/>' % one
          for one in sorted(load('online.json').items())))
'''
CRM_NODE = '''
print(load('me.json'))
'''
_START = '''#!%s
import json
import os
import subprocess
import sys

from baas.node import paths


def load(name):
    with open(os.path.join(%r, name)) as handle:
        return json.load(handle)


def save(name, value):
    path = os.path.join(%r, name)
    with open(path + '.new', 'w') as handle:
        json.dump(value, handle)
    os.replace(path + '.new', path)  # another one may be reading


def note(line):
    with open(os.path.join(%r, 'asked'), 'a') as handle:
        print(line, file=handle)

'''


def install(test, **programs):
    """Put programs first on the PATH of a test.

    :param test: a :class:`baas.tests.unit.node.base.NodeTest`.
    :param programs: name to source.
    """
    folder = test.path('bin')
    os.makedirs(folder, exist_ok=True)
    for name, source in programs.items():
        path = test.write('bin/' + name, _START % (
            sys.executable, test.folder, test.folder, test.folder) + source)
        os.chmod(path, 0o755)
    before = os.environ['PATH']
    test.addCleanup(os.environ.__setitem__, 'PATH', before)
    os.environ['PATH'] = folder + ':' + before


def scripts(test, **programs):
    """Put shell scripts first on the PATH of a test, which start faster.

    :param programs: name to source.
    """
    install(test)
    for name, source in programs.items():
        os.chmod(test.write('bin/' + name, '#!/bin/sh\n%s\n' % source), 0o755)


def units(test, **more):
    """Install systemctl, with units as keywords: name to properties."""
    test.write('units.json', json.dumps({
        name.replace('__', '.'): dict(
            {'ActiveState': 'active', 'LoadState': 'loaded',
             'SubState': 'running', 'ControlGroup': '/none', 'MainPID': '0'},
            **properties) for name, properties in more.items()}))
    install(test, systemctl=SYSTEMCTL)


def containers(test, engine='podman', **more):
    """Install an engine, with containers as keywords: name to label or None.
    """
    test.write('containers.json', json.dumps({
        name: {'State': {'Status': 'running', 'Pid': 0, 'ConmonPid': 0},
               'Config': {'Labels': {'PODMAN_SYSTEMD_UNIT': label}
                          if label else None}}
        for name, label in more.items()}))
    install(test, **{engine: PODMAN})
    if engine == 'docker':
        process(test, 'dockerd')


def cluster(test, me, online, **properties):
    """Install Pacemaker's tools, for a node called me."""
    test.write('me.json', json.dumps(me))
    test.write('online.json', json.dumps(
        {name: str(here).lower() for name, here in online.items()}))
    test.write('cib.json', json.dumps(
        {name.replace('_', '-'): value
         for name, value in properties.items()}))
    install(test, cibadmin=CIBADMIN, crm_attribute=CRM_ATTRIBUTE,
            crm_mon=CRM_MON, crm_node=CRM_NODE)


def read(test, name):
    """Give what a program keeps in a file (JSON)."""
    with open(test.path(name)) as handle:
        return json.load(handle)


def asked(test):
    """Give the lines of what programs were asked, in order."""
    with open(test.path('asked')) as handle:
        return handle.read().splitlines()


def process(test, name, *words):
    """Have a real process run that a node takes for a service.

    :param name: of the process.
    :param words: its arguments.
    """
    script = test.write('bin-' + name + '/' + name,
                        '#!/bin/sh\necho\nread line\n')
    os.chmod(script, 0o755)
    child = subprocess.Popen([script, *words], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    test.addCleanup(child.communicate)
    child.stdout.readline()
    os.symlink('/proc/%d' % child.pid,
               os.path.join(paths.PROC, str(child.pid)))


def only(test):
    """Let nothing be found but what is installed for a test."""
    test.addCleanup(setattr, command, 'SYSTEM', command.SYSTEM)
    command.SYSTEM = []
    test.addCleanup(os.environ.__setitem__, 'PATH', os.environ['PATH'])
    os.environ['PATH'] = test.path('bin')
