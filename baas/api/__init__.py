# SPDX-License-Identifier: Apache-2.0
"""The HTTP service: one WSGI application, one file a noun under v1.

pecan and WSME are the frameworks of the field, and parts of both are set
aside, each for a reason that was seen. pecan's routing walks attributes of
objects and fills arguments by their names, past all checks, and it reads the
body of each request to do so: :mod:`baas.api.root` has one table instead,
which nothing that a caller writes can lead astray. WSME's adapter does not
check ``bool`` and ``Enum`` in a URL, so that ``stopall=no`` would stop the
control plane, lets an argument of the query override one of the path, and
shows callers what broke inside; :mod:`baas.api.expose` and
:mod:`baas.api.types` take its place. WSME's rendering validates each
attribute of each row again, which makes a page of a list slow:
:mod:`baas.api.resource` renders. What is left is pecan's request, hooks and
choice of the content type, and WSME's signatures and attributes, from which
answers, checks and the document of the API are made. Neither is known to
``v1`` but as ``pecan.request`` and ``wsme.types.Base``, nor outside of this
package at all.
"""
