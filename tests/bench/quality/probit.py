"""Fits P(true) = phi(weights . row) by maximum likelihood (Fisher scoring)."""

import math

STEPS = 30
SMALLEST_STEP = 1e-7
# Of probabilities, so that no case is infinitely sure.
MARGIN = 1e-10


def phi(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def solve(matrix, vector):
    """Gauss with pivoting; both are overwritten."""
    size = len(vector)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(matrix[row][column]))
        matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
        vector[column], vector[pivot] = vector[pivot], vector[column]
        for row in range(column + 1, size):
            factor = matrix[row][column] / matrix[column][column]
            for k in range(column, size):
                matrix[row][k] -= factor * matrix[column][k]
            vector[row] -= factor * vector[column]
    for row in reversed(range(size)):
        rest = sum(matrix[row][k] * vector[k] for k in range(row + 1, size))
        vector[row] = (vector[row] - rest) / matrix[row][row]
    return vector


def fit(rows, truths):
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(STEPS):
        information = [[0.0] * size for _ in range(size)]
        score = [0.0] * size
        for row, truth in zip(rows, truths):
            index = sum(w * x for w, x in zip(weights, row))
            p = min(max(phi(index), MARGIN), 1 - MARGIN)
            density = math.exp(-index * index / 2) / math.sqrt(2 * math.pi)
            spread = p * (1 - p)
            pull = density * ((1.0 if truth else 0.0) - p) / spread
            weight = density * density / spread
            for i, x in enumerate(row):
                score[i] += pull * x
                line = information[i]
                scaled = weight * x
                for j in range(i + 1):
                    line[j] += scaled * row[j]
        for i in range(size):
            for j in range(i):
                information[j][i] = information[i][j]
        step = solve(information, score)
        weights = [w + s for w, s in zip(weights, step)]
        if max(abs(s) for s in step) < SMALLEST_STEP:
            break
    return weights
