"""Keystone, asked as users do."""

import json
import urllib.request

from container_lab import places
from container_lab.containers import passwords


def wrong():
    """Ask for a token; return '' or what is wrong."""
    body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': {
        'name': 'admin', 'domain': {'id': 'default'}, 'password': passwords.ADMIN}}}}}
    request = urllib.request.Request(f'http://{places.VIP}:5000/v3/auth/tokens', json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'})
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return '' if answer.headers['X-Subject-Token'] else 'an answer without a token'
    except OSError as error:
        return str(error)
