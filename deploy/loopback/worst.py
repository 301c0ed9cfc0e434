"""Which subjects fare worst, from open warnings as `shouwangctl warnings --json` lists them."""

SEVERITIES = ("red", "orange", "yellow")


class Worst:
    """One subject with its open warnings, the most severe and oldest first."""

    def __init__(self, subject, warnings):
        self.subject = subject
        self.warnings = sorted(warnings, key=lambda w: (SEVERITIES.index(w["severity"]),
                                                        w["opened_on"], w["rule"]))

    def count(self, severity):
        return sum(1 for warning in self.warnings if warning["severity"] == severity)

    def order(self):
        """More red warnings first, then more orange, more yellow, then those open longest."""
        return (*(-self.count(severity) for severity in SEVERITIES),
                self.warnings[0]["opened_on"], self.subject)


def worst(warnings, limit):
    by_subject = {}
    for warning in warnings:
        by_subject.setdefault(warning["subject"], []).append(warning)
    ranked = sorted((Worst(*item) for item in by_subject.items()), key=Worst.order)
    return ranked[:limit]


def table(ranked):
    """Lines of text. What is wide (Chinese) stands last, so that columns need no measuring."""
    lines = [f"  {'SUBJECT':24}{'RED':>4}{'ORANGE':>8}{'YELLOW':>8}  {'SINCE':12}WHAT, WHERE"]
    for one in ranked:
        first = one.warnings[0]
        counts = [one.count(severity) for severity in SEVERITIES]
        titles = "、".join(warning["rule_title_zh"] for warning in one.warnings[:3])
        more = f" +{len(one.warnings) - 3}" if len(one.warnings) > 3 else ""
        lines.append(f"  {one.subject:24}{counts[0]:>4}{counts[1]:>8}{counts[2]:>8}  "
                     f"{first['opened_on']:12}{titles}{more}；{first['division_path']}")
    return lines
