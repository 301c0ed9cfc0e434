"""A second opinion on the warnings: evaluates a policy file the slow and obvious way.

Written from the comments of daemon/risk/policy.h and daemon/risk/evaluator.h alone and sharing no
code with them: every feature of every date is computed from the whole history, conditions are
walked as Python syntax trees in three values (True, False, None for unknown), and nothing is kept
between dates but which warnings are open.

  policies = [Policy("policy.yaml")]
  warnings = evaluate(policies, "household", history)

`history` is {indicator name: {date: number}}; the result is {rule name: Warning} of what is open
after the last date.
"""

import ast
import calendar
import datetime
import math
from typing import NamedTuple

import yaml

PER_WINDOW_MONTHS = 24
DAYS_OF_A_MONTH = 30.4375


class Warning(NamedTuple):
    severity: str
    kind: str
    opened_on: datetime.date
    policy_version: int


def plus_months(day, months):
    """The same day `months` later; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def month_of(day):
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def in_months_to(day, months, candidate):
    """Whether a date lies in the month of `day`, up to it, or in the months - 1 before that."""
    return candidate <= day and month_of(candidate) > month_of(day) - months


# Three values. A number that is not known is None, and so is the truth about it.


def negation(a):
    return None if a is None else not a


def conjunction(sides):
    if any(side is False for side in sides):
        return False
    return None if any(side is None for side in sides) else True


def disjunction(sides):
    if any(side is True for side in sides):
        return True
    return None if any(side is None for side in sides) else False


COMPARE = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
CALCULATE = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b != 0 else None,
}
FUNCTIONS = {
    "ln": lambda a: math.log(a) if a > 0 else None,
    "exp": lambda a: math.exp(a) if a < 700 else None,
    "sqrt": lambda a: math.sqrt(a) if a >= 0 else None,
    "phi": lambda a: (1 + math.erf(a / math.sqrt(2))) / 2,
    "abs": abs,
    "min": min,
    "max": max,
}


def parse(text):
    """A condition or formula of a policy file, whose words Python happens to share, as a tree."""
    return ast.parse(text.strip(), mode="eval").body


def judge(node, values):
    """The truth or number of a tree; `values` maps names to numbers or None."""
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return float(node.value)
    if isinstance(node, ast.Compare):
        left, right = judge(node.left, values), judge(node.comparators[0], values)
        if len(node.ops) != 1:
            raise ValueError("a chain of comparisons")
        return None if left is None or right is None else COMPARE[type(node.ops[0])](left, right)
    if isinstance(node, ast.BoolOp):
        sides = [judge(side, values) for side in node.values]
        return conjunction(sides) if isinstance(node.op, ast.And) else disjunction(sides)
    if isinstance(node, ast.UnaryOp):
        operand = judge(node.operand, values)
        if isinstance(node.op, ast.Not):
            return negation(operand)
        return None if operand is None else -operand
    if isinstance(node, ast.BinOp):
        left, right = judge(node.left, values), judge(node.right, values)
        return None if left is None or right is None else CALCULATE[type(node.op)](left, right)
    if isinstance(node, ast.Call) and node.func.id in FUNCTIONS:
        numbers = [judge(argument, values) for argument in node.args]
        return None if None in numbers else FUNCTIONS[node.func.id](*numbers)
    raise ValueError(f"no rule for {ast.dump(node)}")


class Policy:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = yaml.safe_load(file)
        self.version = document["version"]
        self.effective_from = document["effective_from"]
        self.constants = {c["name"]: float(c["value"]) for c in document.get("constants", [])}
        self.features = document.get("features", [])
        for feature in self.features:
            for key in ("of", "minus", "total"):
                names = feature.get(key, [])
                feature[key] = [names] if isinstance(names, str) else names
            if feature["kind"] == "formula":
                feature["tree"] = parse(feature["formula"])
        self.rules = document["rules"]
        for rule in self.rules:
            rule["when_tree"] = parse(rule["when"])
            rule["clear_tree"] = parse(rule["clear_when"]) if "clear_when" in rule else None


def usable_dates(feature, history, in_window):
    """[(date, value, total)] of the window, oldest first."""
    names = feature["of"] + feature["minus"] + feature["total"]
    days = sorted({day for name in names for day in history.get(name, {}) if in_window(day)})
    found = []
    for day in days:
        cells = {name: history.get(name, {}).get(day) for name in names}
        if any(cell is None for cell in cells.values()):
            if not feature.get("missing_is_zero", False):
                continue
            cells = {name: 0.0 if cell is None else cell for name, cell in cells.items()}
        value = sum(cells[name] for name in feature["of"])
        value -= sum(cells[name] for name in feature["minus"])
        found.append((day, value, sum(cells[name] for name in feature["total"])))
    return found


def mean(values):
    return sum(values) / len(values)


def slope(points):
    """Least squares, per month."""
    x = [day.toordinal() / DAYS_OF_A_MONTH for day, _, _ in points]
    y = [value for _, value, _ in points]
    x_mean, y_mean = mean(x), mean(y)
    spread = sum((a - x_mean) ** 2 for a in x)
    if spread == 0:
        return None
    return sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y)) / spread


def whole_months(earlier, later):
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if plus_months(earlier, months) <= later else months - 1


def longest_run(values):
    longest = run = 0
    for value in values:
        run = run + 1 if value <= 0 else 0
        longest = max(longest, run)
    return longest


def change(feature, values, history, day):
    window, back = feature.get("window_months", 12), feature.get("compare_months", 12)
    last = month_of(day) - back
    earlier = usable_dates(feature, history, lambda d: last - window < month_of(d) <= last)
    if len(earlier) < feature.get("at_least", 1):
        return None
    now, then = mean(values), mean([value for _, value, _ in earlier])
    return None if then == 0 else (now - then) / abs(then)


def logarithms(feature, points, day):
    """(weight, logarithm) of each point."""
    half_life = feature.get("half_life_months")
    for date, value, _ in points:
        age = (day - date).days / DAYS_OF_A_MONTH
        weight = 0.5 ** (age / half_life) if half_life else 1.0
        yield weight, math.log(max(value, feature.get("floor", 1)))


def weighted_mean(pairs):
    return sum(w * x for w, x in pairs) / sum(w for w, _ in pairs)


def compute(feature, history, day, values_so_far):
    kind = feature["kind"]
    if kind == "formula":
        return judge(feature["tree"], values_so_far)
    window = feature.get("window_months", 12)
    points = usable_dates(feature, history, lambda d: in_months_to(day, window, d))
    if len(points) < feature.get("at_least", 1):
        return 0.0 if kind == "count" and feature.get("at_least", 1) == 0 else None
    values = [value for _, value, _ in points]
    if kind == "last":
        result = values[-1]
    elif kind == "sum":
        result = sum(values)
    elif kind == "mean":
        result = mean(values)
    elif kind == "min":
        result = min(values)
    elif kind == "max":
        result = max(values)
    elif kind == "change":
        result = change(feature, values, history, day)
    elif kind == "slope":
        result = slope(points)
    elif kind == "months_since":
        above = [d for d, value, _ in points if value > feature.get("above", 0)]
        result = whole_months(above[-1], day) if above else window + 1
    elif kind == "longest_zero_run":
        result = longest_run(values)
    elif kind == "share":
        total = sum(t for _, _, t in points)
        result = None if total == 0 else sum(values) / total
    elif kind == "count":
        result = len(values)
    elif kind == "log_mean":
        result = weighted_mean(list(logarithms(feature, points, day)))
    elif kind == "log_spread":
        pairs = list(logarithms(feature, points, day))
        middle = weighted_mean(pairs)
        squares = [(w, (x - middle) ** 2) for w, x in pairs]
        result = math.sqrt(weighted_mean(squares)) if len(pairs) > 1 else None
    else:
        raise ValueError(f"feature kind {kind}")
    if result is None or "per" not in feature:
        return result
    per = [(d, v) for d, v in history.get(feature["per"], {}).items()
           if in_months_to(day, PER_WINDOW_MONTHS, d)]
    divisor = max(per)[1] if per else 0
    return result / divisor if divisor > 0 else None


def evaluate(policies, applies_to, history):
    """What is open after the last date, by rule name."""
    policies = sorted(policies, key=lambda policy: policy.effective_from)
    is_open, clearing_since = {}, {}
    for day in sorted({day for column in history.values() for day in column}):
        in_force = [p for p in policies if p.effective_from <= day]
        policy = in_force[-1] if in_force else policies[0]
        values = dict(policy.constants)
        for feature in policy.features:
            values[feature["name"]] = compute(feature, history, day, values)
        for rule in policy.rules:
            if rule["applies_to"] != applies_to:
                continue
            name, when = rule["name"], judge(rule["when_tree"], values)
            if name not in is_open:
                if when is True:
                    is_open[name] = Warning(rule["severity"], rule["kind"], day, policy.version)
                continue
            clear_tree = rule["clear_tree"]
            clear = negation(when) if clear_tree is None else judge(clear_tree, values)
            if clear is not True:
                clearing_since.pop(name, None)
                continue
            since = clearing_since.setdefault(name, day)
            if day >= plus_months(since, rule.get("hold_months", 0)):
                del is_open[name], clearing_since[name]
    return is_open
