# SPDX-License-Identifier: Apache-2.0
"""Why Ansible did not read an inventory, in our own words: of what Ansible
says nothing is repeated but names of files and numbers of lines, for it quotes
the lines that it does not understand, and they may hold passwords."""
import os
import re

from baas.runner import inventory_files

# At a terminal Ansible breaks its lines.
_UNREAD = re.compile(r'Unable\s+to\s+parse\s+(\S.*?)\s+as\s+an\s+inventory\s+'
                     'source')
ORIGIN = re.compile(r'Origin: (/.+?):(\d+)(?::\d+)?$', re.MULTILINE)
_NO_PASSWORD = re.compile(r'vault\s+password\s+file\s+(/\S+)\s+was\s+not\s+'
                          'found', re.IGNORECASE)
_LINE = re.compile(r"(?:appears to be in|in) '(/[^']+)': line (\d+)")
_ENDED = re.compile(r'script returned non-zero exit code (\d+)'
                    r'|had an execution error|Inventory script \(')
_NO_JSON = ('inventory script result', 'Value could not be parsed as JSON',
            "which is '", 'script returned invalid')
_ENCRYPTED = ('no vault secrets', 'Decryption failed')
_OF_TRIPLEO = 'tripleo-ansible-inventory.yaml'
"""Beside it, in the folder of a stack, are playbooks."""
_CORRECT = 'Correct it until "ansible-inventory --list" reads it'
VAULT = ('Name a file with the password, that only the service can read, as '
         'ANSIBLE_VAULT_PASSWORD_FILE in the environment of the service, or '
         'keep out of the inventory of the service what is encrypted')


def is_told(said):
    """Tell whether Ansible speaks of an inventory that it did not read."""
    return bool(_UNREAD.search(said)) or any(
        words in said for words in _ENCRYPTED)


def sources(said):
    """Name the files that Ansible has passed over.

    :param said: what it wrote to the standard error.
    :returns: list of paths, without those above others of the list.
    """
    found = list(dict.fromkeys(_UNREAD.findall(said)))
    return [path for path in found if not any(
        other.startswith(f'{path.rstrip("/")}/') for other in found)]


def explain(path, said):
    """Say why an inventory, or a file of it, was not read.

    :param path: of the inventory.
    :param said: what Ansible wrote to the standard error.
    :returns: (cause, hint) without their dots.
    """
    closed = _closed(path, said)
    if closed:
        return closed
    bad = next((one for one in sources(said) if os.path.exists(one)),
               str(path))
    if _is_no_program(bad):
        return (f'{bad} begins with "#!" and is not executable, and so it is '
                'read as a text', f'Let it be executed with "chmod u+x {bad}"')
    if os.path.isfile(bad) and os.access(bad, os.X_OK):
        return _of_script(bad, said)
    place = next((match for pattern in (ORIGIN, _LINE)
                  for match in pattern.finditer(said)), None)
    # A file that Ansible names is to blame for itself.
    unread = _unreadable(path) if not place and (
        bad == str(path) or not os.access(bad, os.R_OK)) else None
    if unread:
        return unread
    where = (f': it stumbles over {place[1]}, line {place[2]}'
             if place else '')
    whole = os.path.join(path, _OF_TRIPLEO)
    if os.path.isfile(whole):
        return (f'The folder {path} has more than an inventory in it{where}',
                f'Set [runner] inventory to {whole}; or correct the other '
                'file, if it is one of the inventory')
    if bad == str(path):
        return f'Ansible does not understand the inventory {bad}{where}', (
            _CORRECT)
    return (f'Ansible does not understand {bad} of the inventory{where}',
            'Correct it, or move it out of the folder if it is no inventory: '
            'without it nodes could be missing')


def _closed(path, said):
    if any(words in said for words in _ENCRYPTED):
        return (f'Something in the inventory {path}, or in group_vars or '
                'host_vars beside it, is encrypted with Ansible Vault, and '
                'there is no password that opens it', VAULT)
    missing = _NO_PASSWORD.search(said)
    return missing and (
        f'The file {missing[1]} with the password of Ansible Vault is not '
        'there', 'Write it, or correct ANSIBLE_VAULT_PASSWORD_FILE')


def _unreadable(path):
    loop = next(inventory_files.loops(str(path)), None)
    if loop:
        return (f'{loop} of the inventory is a link that leads back or '
                'nowhere', 'Remove it, or let it lead to a file')
    closed = next((one for one in inventory_files.parts(str(path))
                   if not os.access(one, os.R_OK)), None)
    return closed and (
        f'{closed} of the inventory cannot be read by the user that the '
        'service runs as', 'Let this user read it, or leave it out')


def _is_no_program(path):
    try:
        with open(path, 'rb') as file:
            return file.read(2) == b'#!' and not os.access(path, os.X_OK)
    except OSError:
        return False


def _of_script(path, said):
    ended = _ENDED.search(said)
    if ended:
        by = f' with {ended[1]}' if ended[1] else ''
        return (f'The script {path} of the inventory has failed{by}',
                f'Run "{path} --list" as the user of the service, and see '
                'what it says')
    if any(words in said for words in _NO_JSON):
        return (f'The script {path} does not print an inventory in JSON',
                f'Run "{path} --list" as the user of the service: on its '
                'standard output must be one JSON object and nothing else')
    return (f'{path} is executable, and as a script it gives no inventory',
            f'Run "{path} --list" as the user of the service; if it is no '
            f'script, run "chmod a-x {path}"')
