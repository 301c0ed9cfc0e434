"""The shipped dashboards as the tests read them: panels, queries, variables."""

import json
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
FOLDER = os.path.join(ROOT, "grafana/dashboards")


def load(folder=FOLDER):
    """file name -> dashboard"""
    boards = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            boards[name] = json.load(file)
    return boards


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board):
    return board["templating"]["list"]


def substituted(expression, values, rate_interval="30s"):
    """As Grafana puts variables into an expression; a variable that is left over is an error."""
    text = expression.replace("$__rate_interval", rate_interval)
    for name, value in values.items():
        text = re.sub(rf"\$\{{{name}(:\w+)?\}}|\${name}\b", lambda _, v=value: v, text)
    left = re.findall(r"\$\{?\w+", text)
    if left:
        raise ValueError(f"{expression}: no value for {left}")
    return text
