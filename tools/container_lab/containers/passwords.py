"""Passwords of the database and of the cloud in a lab whose services run in containers.

Nothing of the lab can be reached from outside, and the database is made with the cache.
"""

ROOT, SERVICE, CHECK, ADMIN = 'lab-root', 'lab-service', 'lab-check', 'lab-admin'
