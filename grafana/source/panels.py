"""The pieces that the dashboards are made of: panels, queries, variables, and their layout, in
Grafana's classic dashboard model. Everything that must be alike on all dashboards is here."""

SCHEMA_VERSION = 39
WIDTH = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
LATEST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
SEVERITY_COLOURS = {"red": "red", "orange": "orange", "yellow": "yellow"}


def title(zh, en):
    return f"{zh} / {en}"


def query(expression, legend="", instant=False, table=False, name="A"):
    return {"refId": name, "datasource": DATASOURCE, "expr": expression, "legendFormat": legend,
            "instant": instant, "range": not instant, "format": "table" if table else "time_series",
            "editorMode": "code"}


def named(queries):
    """The same queries with refIds A, B, C..."""
    return [{**one, "refId": chr(ord("A") + i)} for i, one in enumerate(queries)]


def threshold_steps(*steps):
    """threshold_steps("green", (1, "red"))"""
    return {"mode": "absolute", "steps": [{"color": steps[0], "value": None}] +
            [{"color": colour, "value": value} for value, colour in steps[1:]]}


def panel(kind, zh_en, description, unit, queries, width, height, decimals=None, thresholds=None,
          options=None, custom=None, overrides=(), transformations=(), no_value="–", links=(),
          mappings=(), maximum=None):
    defaults = {"unit": unit, "color": {"mode": "thresholds" if thresholds else "palette-classic"},
                "thresholds": thresholds or threshold_steps("green"), "noValue": no_value,
                "mappings": list(mappings), "links": list(links), "custom": custom or {}}
    if decimals is not None:
        defaults["decimals"] = decimals
    if maximum is not None:
        defaults.update(min=0, max=maximum)
    return {"type": kind, "title": title(*zh_en), "description": description,
            "datasource": DATASOURCE, "targets": named(queries),
            "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
            "options": options or {}, "transformations": list(transformations),
            "gridPos": {"w": width, "h": height}}


def stat(zh_en, description, unit, expression, width=4, **more):
    return panel("stat", zh_en, description, unit, [query(expression, instant=True)], width, 4,
                 options={"reduceOptions": LATEST,
                          "colorMode": "value", "graphMode": "none", "textMode": "auto",
                          "justifyMode": "auto", "orientation": "auto"}, **more)


def severity_overrides():
    return [{"matcher": {"id": "byRegexp", "options": f".*{severity}.*"},
             "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}]}
            for severity, colour in SEVERITY_COLOURS.items()]


def graph(zh_en, description, unit, queries, width=12, height=8, stacked=False, **more):
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 20 if stacked else 5,
              "showPoints": "never", "spanNulls": False,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    return panel("timeseries", zh_en, description, unit, queries, width, height, custom=custom,
                 options={"legend": {"displayMode": "table", "placement": "right",
                                     "showLegend": True, "calcs": ["lastNotNull"]},
                          "tooltip": {"mode": "multi", "sort": "desc"}}, **more)


def bars(zh_en, description, unit, expression, legend, width=12, height=10, **more):
    return panel("bargauge", zh_en, description, unit,
                 [query(expression, legend, instant=True)], width, height,
                 options={"orientation": "horizontal", "displayMode": "basic", "showUnfilled": True,
                          "reduceOptions": LATEST},
                 **more)


class Column:
    """One column of a table: a query whose result carries the table's key labels."""

    def __init__(self, zh, en, expression, unit="none", decimals=None, thresholds=None):
        self.title = title(zh, en)
        self.expression = expression
        self.unit = unit
        self.decimals = decimals
        self.thresholds = thresholds

    def override(self, ref):
        properties = [{"id": "displayName", "value": self.title},
                      {"id": "unit", "value": self.unit}]
        if self.decimals is not None:
            properties.append({"id": "decimals", "value": self.decimals})
        if self.thresholds:
            properties += [{"id": "thresholds", "value": self.thresholds},
                           {"id": "custom.cellOptions", "value": {"type": "color-text"}}]
        return {"matcher": {"id": "byName", "options": f"Value #{ref}" if ref else "Value"},
                "properties": properties}


def table(zh_en, description, keys, columns, width=24, height=12, links=None, sort=None,
          no_value="–"):
    """`keys` maps label -> (zh, en); `links` maps label -> (zh, en, url)."""
    queries = named([query(column.expression, instant=True, table=True) for column in columns])
    # A lone query's value column carries no refId.
    overrides = [column.override(one["refId"] if len(columns) > 1 else "")
                 for column, one in zip(columns, queries)]
    for label, words in keys.items():
        properties = [{"id": "displayName", "value": title(*words)}]
        if links and label in links:
            zh, en, url = links[label]
            properties.append({"id": "links", "value": [{"title": title(zh, en), "url": url}]})
        overrides.append({"matcher": {"id": "byName", "options": label}, "properties": properties})
    keep = [{"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": {},
                                           "indexByName": {label: i for i, label
                                                           in enumerate(keys)}}}]
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}}
    if sort:
        options["sortBy"] = [{"displayName": sort[0], "desc": sort[1]}]
    return panel("table", zh_en, description, "none", queries, width, height, overrides=overrides,
                 transformations=keep, options=options, no_value=no_value,
                 custom={"align": "auto", "filterable": True})


def row(zh, en):
    return {"type": "row", "title": title(zh, en), "collapsed": False, "panels": [],
            "gridPos": {"w": WIDTH, "h": 1}}


def datasource_variable():
    return {"name": "datasource", "label": title("数据源", "Data source"), "type": "datasource",
            "query": "prometheus", "regex": "", "hide": 0, "refresh": 1, "multi": False,
            "includeAll": False, "options": [], "current": {}}


def variable(name, zh_en, expression, regex="", multi=False, sort=1):
    """A variable filled from live gauges; `expression`: label_values(...) or query_result(...)."""
    return {"name": name, "label": title(*zh_en), "type": "query", "datasource": DATASOURCE,
            "query": {"query": expression, "refId": "variable"}, "definition": expression,
            "regex": regex, "refresh": 2, "sort": sort, "hide": 0, "multi": multi,
            "includeAll": multi, "allValue": ".+" if multi else None, "options": [],
            "current": {"text": "All", "value": "$__all"} if multi else {}}


def division_variable(name, zh_en, digits, inside=""):
    """Divisions of one level, shown by name, valued by code."""
    pattern = f"{inside}[0-9]{{{digits}}}"
    return variable(name, zh_en,
                    f'query_result(shouwang_division_info{{division=~"{pattern}"}})',
                    regex='/division="(?<value>[0-9]+)".*name="(?<text>[^"]+)"/')


def laid_out(panels):
    """Gives every panel its id and its place: left to right, a new line where the width is full."""
    x = y = line_height = 0
    placed = []
    for number, one in enumerate(panels, 1):
        size = one["gridPos"]
        if x + size["w"] > WIDTH:
            x, y, line_height = 0, y + line_height, 0
        placed.append({"id": number, **one, "gridPos": {**size, "x": x, "y": y}})
        x += size["w"]
        line_height = max(line_height, size["h"])
    return placed


def dashboard(uid, zh_en, description, variables, panels, time_from="now-30d", refresh="1m"):
    return {
        "uid": uid, "title": title(*zh_en), "description": description, "tags": ["shouwang"],
        "schemaVersion": SCHEMA_VERSION, "version": 1, "editable": False, "graphTooltip": 1,
        "timezone": "browser", "refresh": refresh, "time": {"from": time_from, "to": "now"},
        "timepicker": {}, "annotations": {"list": []}, "fiscalYearStartMonth": 0, "id": None,
        "links": [{"type": "dashboards", "title": title("守望看板", "Shouwang dashboards"),
                   "tags": ["shouwang"], "asDropdown": True, "includeVars": True,
                   "keepTime": True, "targetBlank": False, "icon": "external link", "url": "",
                   "tooltip": ""}],
        "templating": {"list": [datasource_variable(), *variables]},
        "panels": laid_out(panels),
    }
