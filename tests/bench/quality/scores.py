"""How well scores tell cases that come true from those that don't. Higher scores mean likelier."""


def auc(values, truths):
    """Probability that a true case scores above a false one, ties counting half (Mann-Whitney)."""
    order = sorted(range(len(values)), key=values.__getitem__)
    rank_sum = 0.0
    first = 0
    while first < len(order):
        last = first
        while last < len(order) and values[order[last]] == values[order[first]]:
            last += 1
        mid_rank = (first + 1 + last) / 2
        rank_sum += mid_rank * sum(1 for i in order[first:last] if truths[i])
        first = last
    positives = sum(1 for truth in truths if truth)
    negatives = len(truths) - positives
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def at_top(values, truths, share):
    """(recall, precision) among the `share` of cases that score highest; what is expected where
    the bound falls among equal scores."""
    taken = int(len(values) * share)
    order = sorted(range(len(values)), key=values.__getitem__, reverse=True)
    bound = values[order[taken - 1]]
    above = [truths[i] for i in order[:taken] if values[i] > bound]
    tied = [truths[i] for i in order if values[i] == bound]
    found = sum(above) + sum(tied) * (taken - len(above)) / len(tied)
    return found / sum(1 for truth in truths if truth), found / taken


def calibration_error(probabilities, truths, bins=10):
    """Mean distance between probability and frequency over bins of equally many cases."""
    order = sorted(range(len(truths)), key=probabilities.__getitem__)
    error = 0.0
    for bin_index in range(bins):
        part = order[bin_index * len(order) // bins:(bin_index + 1) * len(order) // bins]
        expected = sum(probabilities[i] for i in part)
        came = sum(1 for i in part if truths[i])
        error += abs(expected - came)
    return error / len(order)
