# SPDX-License-Identifier: Apache-2.0
"""A row of the database as the JSON object that callers see.

A class lists the shown fields and nothing else; from it come both the
answer and its schema. WSME's own rendering validates each attribute of each
row, which makes a list of 100 rows slow, so rows are rendered here.
"""
import operator
from urllib import parse

from oslo_config import cfg
import pecan
from wsme import types as wsme_types

from baas.api import microversion
from baas.api import types


class field(wsme_types.wsattr):
    """A shown field.

    :param datatype: a type as WSME knows them.
    :param doc: what it means, one sentence.
    :param column: column that it is taken from; the name of the field when
        not given. False: it is not in the row, but computed.
    :param null: True when it may be null.
    :param mandatory: False when a body may go without it; answers have all.
    :param since: microversion that it is there from.
    """
    def __init__(self, datatype, doc, *, column=None, null=False,
                 mandatory=True, since='1.0'):
        super().__init__(datatype, mandatory=mandatory)
        self.doc, self.column, self.null = doc, column, null
        self.since = since

    def __set_name__(self, owner, name):
        # WSME would read the order out of the source of each class, which
        # takes as long as all else that a program loads.
        owner._wsme_attr_order = list(dict.fromkeys(
            [key for key, value in vars(owner).items()
             if isinstance(value, field)]
            + getattr(super(owner, owner), '_wsme_attr_order', [])))


class Link(wsme_types.Base):
    """A link to something that belongs to the answer."""
    rel = field(str, 'What the link leads to: self or next.')
    href = field(str, 'Where it leads to.')


class Resource(wsme_types.Base):
    """Something that callers see; derive a class for each noun.

    :cvar _path: path of its list, e.g. ``/v1/backup``.
    :cvar _plural: its name in lists, e.g. ``backups``.
    :cvar _key: name of the field that a path names it by. Ids are UUIDs and
        can stand in a URL as they are.
    """
    _path = None
    _plural = None
    _key = 'id'

    @classmethod
    def one(cls, row, **computed):
        """Render a row.

        :param row: a row with the columns that the fields name.
        :param computed: values of the fields that are in no column.
        :returns: dict, ready for JSON.
        """
        return cls._all([row], {getattr(row, cls._key): computed})[0]

    @classmethod
    def page(cls, rows, limit, computed=None):
        """Render a page of a list.

        :param rows: the rows; one more than ``limit`` when more follow.
        :param limit: how many are shown (int).
        :param computed: mapping of id to the computed fields of that row.
        :returns: dict, ready for JSON.
        """
        items = cls._all(rows[:limit], computed)
        links = []
        if len(rows) > limit:
            links.append(next_link(items[-1][cls._key]))
        return {cls._plural: items, 'links': links}

    @classmethod
    def _all(cls, rows, computed):
        if not rows:
            return []
        names, read, timestamps, newer = cls._plan(
            getattr(rows[0], '_fields', None))
        start = root() + cls._path + '/'
        items = []
        for row in rows:
            item = dict(zip(names, read(row)))
            id = item[cls._key]
            if computed:
                item.update(computed[id])
            for name in newer:
                item.pop(name, None)
            for name in timestamps:
                item[name] = iso(item[name])
            item['links'] = [{'rel': 'self', 'href': start + (
                id if cls._key == 'id' else parse.quote(id, safe=''))}]
            items.append(item)
        return items

    @classmethod
    def _plan(cls, columns):
        """Tell how to read rows: names, a reader, which are times, and which
        the version of the request does not know.

        :param columns: names of the columns of a row, in order; None for an
            object that has them as attributes.
        """
        # Worked out once: asking WSME again for each row would cost more
        # than rendering it.
        plans = cls.__dict__.get('_plans')
        if plans is None:
            plans = cls._plans = {}
        environ = pecan.request.environ
        key = columns, microversion.asked(environ)
        if key not in plans:
            known = wsme_types.list_attributes(cls)
            fields = [f for f in known if f.name != 'links'
                      and f.column is not False
                      and microversion.has(environ, f.since)]
            wanted = [f.column or f.name for f in fields]
            plans[key] = (
                [f.name for f in fields],
                operator.attrgetter(*wanted) if columns is None
                else operator.itemgetter(*map(columns.index, wanted)),
                [f.name for f in fields if f.datatype is types.timestamp],
                [f.name for f in known
                 if not microversion.has(environ, f.since)])
        return plans[key]


def limit(asked):
    """Give how many rows a page has: what was asked for, within bounds."""
    most = cfg.CONF.api.max_limit
    return min(asked or most, most)


def given(**filters):
    """Leave out the filters that the caller did not give."""
    return {name: value for name, value in filters.items()
            if value is not None}


def iso(timestamp):
    """Write a time as ISO 8601 in UTC; None stays None."""
    return timestamp and timestamp.isoformat(timespec='milliseconds') + 'Z'


def root():
    """Give the start of all links, without a slash at the end."""
    return (cfg.CONF.api.public_url
            or pecan.request.application_url).rstrip('/')


def next_link(marker):
    """Give the link to the page after the item ``marker``."""
    query = [(name, value) for name, value in pecan.request.GET.items()
             if name != 'marker'] + [('marker', marker)]
    path = pecan.request.path_info.rstrip('/')
    return {'rel': 'next',
            'href': f'{root()}{parse.quote(path)}?{parse.urlencode(query)}'}
