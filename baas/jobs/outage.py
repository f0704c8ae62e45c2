# SPDX-License-Identifier: Apache-2.0
"""Outage of a set, from what its nodes and probes say."""

NONE = {'outage_seconds': 0.0, 'service_outages': {}}
"""What a node has measured where nothing was quiesced."""


def of_node(results, stopall):
    """Give what a node measured of its own outage.

    :param results: results of its verbs, by their names.
    :param stopall: whether services were to be quiesced.
    :returns: columns of its backup, those of
        :data:`baas.jobs.measured.OUTAGE`; {} when the node has not said.
    """
    if not stopall:
        return dict(NONE)
    resumed = results.get('resume', {})
    if resumed.get('outage') is None:
        return {}
    services = (resumed.get('services')
                or results.get('quiesce', {}).get('services') or {})
    return {'outage_seconds': resumed['outage'], 'service_outages': services}


def of_clients(results):
    """Give the longest time that any probe went without an answer.

    :param results: mapping of node to the results of its verbs; what probes
        found is told with the verb ``barrier``, as {'host:port':
        {'client_outage': seconds or None}}.
    :returns: seconds, or None when nothing was probed.
    """
    gaps = [probe.get('client_outage') for found in results.values()
            for probe in found.get('barrier', {}).get('probes', {}).values()]
    return max((gap for gap in gaps if gap is not None), default=None)


def of_set(rows):
    """Put together what the backups of a set say.

    :param rows: rows of its backups.
    :returns: {quiesce_mode, outage_seconds, service_outages,
        client_outage_seconds}, each outage the longest of all nodes; None
        when there was no barrier yet.
    """
    measured = [row for row in rows if row.outage_seconds is not None]
    if not measured:
        return None
    outages = {}
    for row in measured:
        for name, seconds in (row.service_outages or {}).items():
            outages[name] = max(seconds, outages.get(name, 0.0))
    return {
        'quiesce_mode': measured[0].quiesce_mode,
        'outage_seconds': max(row.outage_seconds for row in measured),
        'service_outages': outages,
        'client_outage_seconds': max(
            (row.client_outage_seconds for row in measured
             if row.client_outage_seconds is not None), default=None)}
