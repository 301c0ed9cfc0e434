"""What the panel's answers must be, whoever gives them."""


class Wrong(RuntimeError):
    """An answer that is not what was sent; the figures of whoever gave it do not count."""


def close_to(found, expected):
    """Equal, but for the rounding of adding up doubles."""
    return abs(found - expected) <= 1e-9 * max(1, abs(expected))


class Expected:
    """`found` is what `shouwang_bench_peers expected` says. Sums are scaled by decimals there."""

    def __init__(self, found):
        self.indicators = found["indicators"]  # name, id, decimals, count, sum
        self.days = found["days"]              # of the reports, since 1970-01-01
        self.counties = found["counties"]      # code -> households, sums by month, under
        self.line_scaled = found["line"]

    @property
    def names(self):
        return [indicator["name"] for indicator in self.indicators]

    @property
    def scale(self):
        """Of the first indicator, which means and shares are about."""
        return 10 ** self.indicators[0]["decimals"]

    @property
    def line(self):
        return self.line_scaled / self.scale

    def check_held(self, held):
        """`held`: name -> (count, sum in the indicator's unit), over everything."""
        for indicator in self.indicators:
            count, total = held.get(indicator["name"], (0, 0))
            if count != indicator["count"] or \
                    not close_to(total, indicator["sum"] / 10 ** indicator["decimals"]):
                raise Wrong(f"{indicator['name']}: holds {count} values with the sum {total}, "
                            f"sent were {indicator['count']} with {indicator['sum']} scaled by "
                            f"{indicator['decimals']} decimals")

    def check_means(self, means):
        """`means`: county -> the mean of each month, in the indicator's unit."""
        for code, county in self.counties.items():
            right = [total / self.scale / county["households"] for total in county["sums"]]
            found = means.get(code, [])
            if len(found) != len(right) or not all(map(close_to, found, right)):
                raise Wrong(f"means of county {code}: {found[:3]}..., should be {right[:3]}...")

    def check_shares(self, shares):
        """`shares`: county -> the part of its households that is under the line."""
        for code, county in self.counties.items():
            if not close_to(shares.get(code, 0), county["under"] / county["households"]):
                raise Wrong(f"share of county {code}: {shares.get(code)}, should be "
                            f"{county['under']} of {county['households']}")
