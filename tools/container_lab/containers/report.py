"""What reports of labs have in common whose services run in containers."""


def pairs(text):
    """Return the first two words of each line, as names and how these are (dict of str)."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: row[1].lower() for row in rows if len(row) > 1}


def ovn(report):
    """Say what is wrong with OVN's databases (list of str)."""
    found = []
    for name in ('OVN_Northbound', 'OVN_Southbound'):
        said = [one.get(name, []) for one in report['ovn'].values()]
        if sorted(said) not in ([['follower', '3'], ['follower', '3'], ['leader', '3']],
                                [['active'], ['backup'], ['backup']]):
            found.append(f'{name} is {", ".join(" of ".join(words) or "silent" for words in said)}')
    return found


def leaders(report):
    """Say which controller leads each of OVN's databases (list of str)."""
    return [f'{name} of {" ".join(node for node, one in report["ovn"].items() if one.get(name, [])[:1] in (["leader"], ["active"]))}'
            for name in ('OVN_Northbound', 'OVN_Southbound')]
