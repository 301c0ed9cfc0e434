"""The five dashboards: what an official sees (province, county, sites, data arrival) and what an
operator sees (daemon health)."""

from panels import (Column, bars, dashboard, division_variable, graph, query, row,
                    severity_overrides, stat, table, threshold_steps, variable)

COUNTY_LINK = "/d/shouwang-county?var-county=${__data.fields.division}&${datasource:queryparam}"
SITE_LINK = "/d/shouwang-sites?var-site=${__data.fields.site}&${datasource:queryparam}"
DIVISION_KEYS = {"division": ("代码", "Code"), "name": ("名称", "Name")}
ALARM = threshold_steps("green", (1, "red"))
GOOD_WHEN_ONE = threshold_steps("red", (1, "green"))
COMPLETE = threshold_steps("red", (0.8, "orange"), (0.95, "green"))
PER_HOUSEHOLD = threshold_steps("green", (0.1, "orange"), (0.3, "red"))


def with_name(expression):
    """Adds the division's name; a division without one keeps its row."""
    return (f"({expression}) * on (division) group_left (name) "
            "max by (division, name) (shouwang_division_info)")


def with_site_name(expression):
    return (f"({expression}) * on (site) group_left (name) "
            "max by (site, name) (shouwang_site_info)")


def with_rule_title(expression):
    return (f"({expression}) * on (rule) group_left (title_zh, title_en) "
            "max by (rule, title_zh, title_en) (shouwang_rule_info)")


def division_columns(divisions):
    """Of a table with one line per division; `divisions` is a matcher's regular expression."""
    chosen = f'{{division=~"{divisions}"}}'
    by = "sum by (division)"
    open_ = f"{by} (shouwang_warnings_open{chosen})"
    return [
        Column("农户", "Households", with_name(f"{by} (shouwang_households{chosen})")),
        Column("未消除预警", "Open warnings", with_name(open_)),
        Column("红色", "Red", with_name(
            f'{by} (shouwang_warnings_open{{division=~"{divisions}",severity="red"}})'),
            thresholds=ALARM),
        Column("户均预警", "Warnings per household", with_name(
            f"{open_} / ({by} (shouwang_households{chosen}) > 0)"), "percentunit", 1,
            PER_HOUSEHOLD),
        Column("上报率", "Completeness", with_name(
            f"max by (division) (shouwang_reporting_completeness_ratio{chosen})"), "percentunit", 1,
            COMPLETE),
    ]


def warning_panels(matcher, metric="shouwang_warnings_open"):
    return [
        graph(("未消除预警（按颜色）", "Open warnings by severity"),
              "Red: a guarantee fails. Orange: verify. Yellow: watch. 红：保障缺失；橙：核实；黄：关注。",
              "none", [query(f"sum by (severity) ({metric}{{{matcher}}})", "{{severity}}")],
              stacked=True, overrides=severity_overrides()),
        bars(("未消除预警（按规则）", "Open warnings by rule"),
             "The rules of the policy in force, most frequent first. 现行政策的规则，按数量排序。", "none",
             f"sort_desc({with_rule_title(f'sum by (rule) ({metric}{{{matcher}}})')})",
             "{{title_zh}} {{title_en}}", height=8),
    ]


def overview_stats(division):
    chosen = f'{{division="{division}"}}'
    return [
        stat(("农户", "Households"), "Households that have ever reported. 曾上报过的农户。", "short",
             f"sum(shouwang_households{chosen})"),
        stat(("观测值", "Observations"), "Values stored, of all indicators and dates. 已存储的观测值。",
             "short", f"sum(shouwang_observations{chosen})"),
        stat(("未消除预警", "Open warnings"), "Warnings open now. 目前未消除的预警。", "short",
             f"sum(shouwang_warnings_open{chosen})"),
        stat(("红色预警", "Red warnings"), "A guarantee fails; verify at home within three days. "
             "保障缺失，三日内入户核实。", "short",
             f'sum(shouwang_warnings_open{{division="{division}",severity="red"}})',
             thresholds=ALARM),
        stat(("户均预警", "Warnings per household"), "Open warnings / households. 预警数 / 农户数。",
             "percentunit",
             f"sum(shouwang_warnings_open{chosen}) / sum(shouwang_households{chosen})",
             decimals=1, thresholds=PER_HOUSEHOLD),
        stat(("上月上报率", "Completeness, last month"), "Households with an observation in the last "
             "full month / households. 上一完整月有观测值的农户占比。", "percentunit",
             f"max(shouwang_reporting_completeness_ratio{chosen})", decimals=1,
             thresholds=COMPLETE),
    ]


def incident_panels(division, pattern):
    """`division` is one code, `pattern` a regular expression of those below it."""
    return [
        row("规模性事件", "Incidents"),
        graph(("未结束的事件（按类型）", "Open incidents, by kind of risk"),
              "Many households newly warned at one place at once, beyond what its past and its "
              "neighbours explain. 同一地方同类预警集中新增，超出往年和周边。", "none",
              [query(f'sum by (risk_kind) (shouwang_incidents_open{{division="{division}"}})',
                     "{{risk_kind}}")], stacked=True),
        table(("未结束的事件", "Open incidents"),
              "Listed with their members by shouwangctl incidents. 详情：shouwangctl incident show。",
              {"incident": ("事件", "Incident"), "place": ("地点", "Place"),
               "risk_kind": ("类型", "Risk")},
              [Column("涉及农户", "Households",
                      "max by (incident, place, risk_kind) (shouwang_incident_members"
                      f'{{division=~"{pattern}"}}) or on () vector(0)', thresholds=ALARM)],
              width=12, height=8, no_value="没有 / none"),
    ]


def province():
    counties = "${province}[0-9]{4}"
    return dashboard(
        "shouwang-province", ("全省概览", "Province overview"),
        "Where the risk of returning to poverty is rising. Click a county to open it. "
        "返贫风险在哪里上升；点击县名下钻。",
        [division_variable("province", ("省", "Province"), 2)],
        overview_stats("$province") + [
            *warning_panels('division="$province"'),
            *incident_panels("$province", "$province.*"),
            row("县（市、区）", "Counties"),
            table(("各县情况", "Counties"), "One line per county; click the code to open it. 点击代码进入该县。",
                  DIVISION_KEYS, division_columns(counties), links={
                      "division": ("打开该县", "Open the county", COUNTY_LINK)},
                  sort=("户均预警 / Warnings per household", True)),
            graph(("户均预警最高的十个县", "Ten counties with most warnings per household"),
                  "Open warnings per household, so that counties of any size compare. 便于大小县之间比较。",
                  "percentunit", [query(
                      "topk(10, " + with_name(
                          "county:shouwang_warnings_open_per_household:ratio"
                          f'{{division=~"{counties}"}}') + ")", "{{name}}")]),
            graph(("比四周前上升", "Change against four weeks before"),
                  "Ratio to the same county four weeks before; 1 is unchanged, and 1 is shown "
                  "until "
                  "there are four weeks of figures. 与四周前之比，不足四周时按 1 计。", "none",
                  [query("topk(10, " + with_name(
                      f'county:shouwang_warnings_open:sum{{division=~"{counties}"}} / '
                      "(county:shouwang_warnings_open:sum offset 4w > 0 or "
                      "county:shouwang_warnings_open:sum > 0)") + ")", "{{name}}")], decimals=2),
            row("搬迁：按迁出地", "Relocation, by origin"),
            stat(("搬迁农户", "Relocated households"), "By where they came from. 按迁出地统计。", "short",
                 'sum(shouwang_origin_households{division="$province"})', width=6),
            stat(("搬迁农户未消除预警", "Their open warnings"), "Open warnings of relocated households. "
                 "搬迁农户的未消除预警。", "short",
                 'sum(shouwang_origin_warnings_open{division="$province"})', width=6),
            stat(("集中安置点", "Resettlement sites"), "Sites in the register. 已登记的安置点。", "short",
                 "count(shouwang_site_info)", width=6),
            stat(("安置点自身预警", "Sites with an open service rule"),
                 "Sites where a rule on public services is open. 公共服务规则已触发的安置点。", "short",
                 "count(sum by (site) (shouwang_site_warnings_open > 0 and on (rule) "
                 'shouwang_rule_info{risk_kind="services"})) or vector(0)', width=6,
                 thresholds=ALARM),
        ])


def county():
    return dashboard(
        "shouwang-county", ("县（市、区）", "County"),
        "One county: what is open, where, and since when. 单个县的预警、分布与走势。",
        [division_variable("county", ("县", "County"), 6),
         variable("indicator", ("指标", "Indicator"),
                  'label_values(shouwang_indicator_mean{division="$county"}, indicator)')],
        overview_stats("$county") + [
            *warning_panels('division="$county"'),
            graph(("月均指标", "Indicator, monthly mean"),
                  "Mean of the last full month's observations, in the indicator's own unit. "
                  "上一完整月观测值的均值，单位同指标目录。", "none",
                  [query('max by (indicator) (shouwang_indicator_mean{division="$county",'
                         'indicator="$indicator"})', "{{indicator}}")], decimals=2),
            table(("所有指标", "All indicators"), "Means of the last full month; compare with the "
                  "prefecture. 上月均值，与所在市州比较。",
                  {"indicator": ("指标", "Indicator")},
                  [Column("本县", "County", 'max by (indicator) (shouwang_indicator_mean'
                          '{division="$county"})', "none", 2),
                   Column("全省", "Province", "max by (indicator) (shouwang_indicator_mean"
                          '{division=~"[0-9]{2}"})', "none", 2)], width=12, height=8),
            *incident_panels("$county", "$county.*"),
            row("乡镇（街道）", "Townships"),
            table(("各乡镇情况", "Townships"), "Filled where metrics.depth is township. "
                  "当 metrics.depth 为 township 时显示。", DIVISION_KEYS,
                  division_columns("${county}[0-9]{3}"),
                  sort=("户均预警 / Warnings per household", True),
                  no_value="metrics.depth: county"),
            row("工单", "Cases"),
            graph(("处理中的工单（按状态）", "Cases under way, by state"),
                  "What people do about warnings, from the clue to support. 从线索到帮扶的处理进度。", "none",
                  [query('sum by (state) (shouwang_cases{division="$county",'
                         'state!~"cleared|dismissed"})', "{{state}}")], stacked=True),
            graph(("超期工单（按状态）", "Overdue cases, by state"),
                  "Past the last day for their next step or the decision; listed by "
                  "shouwangctl cases COUNTY --overdue. 超过本步或认定期限。", "none",
                  [query('sum by (state) (shouwang_cases_overdue{division="$county"})',
                         "{{state}}")], stacked=True),
            row("上报", "Reporting"),
            graph(("上报率与及时率", "Completeness and timeliness"),
                  "Completeness of the last full month; timeliness of the last month that was due. "
                  "上一完整月上报率；最近到期月及时率。", "percentunit",
                  [query('max(shouwang_reporting_completeness_ratio{division="$county"})',
                         "上报率 Completeness"),
                   query('max(shouwang_reporting_timeliness_ratio{division="$county"})',
                         "及时率 Timeliness")], maximum=1),
            graph(("静默农户", "Silent households"),
                  "Past their cadence and the days of grace; listed by shouwangctl silent COUNTY. "
                  "超过上报周期和宽限期。", "none",
                  [query('sum(shouwang_households_silent{division="$county"})',
                         "静默农户 Silent")]),
            graph(("静默上报方（按来源）", "Silent reporters, by source"),
                  "Listed by shouwangctl reporters COUNTY --silent. 超过周期未上报的采集端及缺报乡镇。", "none",
                  [query('sum by (source) (shouwang_reporters_silent{division="$county"})',
                         "{{source}}")], stacked=True),
            graph(("升级工单（按层级）", "Cases that went up, by level"),
                  "Overdue for so long that by the policy a higher level has to see to them; "
                  "listed by shouwangctl cases COUNTY --escalated. 超期未办、按政策已升级的工单。", "none",
                  [query('max by (level) (shouwang_cases_escalated{division="$county"})',
                         "{{level}}")], stacked=True),
            graph(("缺对应措施的工单（按风险类型）", "Cases lacking a measure, by risk"),
                  "Registered or supported, with a risk that no measure taken fits; listed by "
                  "shouwangctl cases COUNTY --without-measure. 已纳入监测而无对应帮扶措施，如因病无医疗救助。",
                  "none",
                  [query('max by (risk_kind) (shouwang_cases_lacking_measure{division="$county"})',
                         "{{risk_kind}}")], stacked=True),
            table(("核实结果（按规则）", "What verification found, by rule"),
                  "Rounds of cases at whose clue the rule had warned; with intervals by "
                  "shouwangctl precision. 各规则预警经核实的结果。",
                  {"rule": ("规则", "Rule")},
                  [Column("属实", "Confirmed", 'sum by (rule) (shouwang_rule_verified_cases'
                          '{division="$county", outcome="confirmed"})'),
                   Column("不予纳入", "Refuted", 'sum by (rule) (shouwang_rule_verified_cases'
                          '{division="$county", outcome="refuted"})'),
                   Column("未定", "Pending", 'sum by (rule) (shouwang_rule_verified_cases'
                          '{division="$county", outcome="pending"})')], width=12, height=8),
            graph(("随机抽查（按结果）", "Households drawn by lot, by what was found"),
                  "Households without a clue, visited by lot to learn what the rules miss. "
                  "无线索农户随机抽查结果。", "none",
                  [query('max by (outcome) (shouwang_draw_households{division="$county"})',
                         "{{outcome}}")], width=6, stacked=True),
            graph(("规则召回率估计", "Recall of the rules, estimated"),
                  "Of the households in need, the share that a rule had warned of, with its "
                  "interval. "
                  "估计有风险农户中已被预警的比例及区间。", "percentunit",
                  [query('max by (bound) (shouwang_rules_recall_ratio{division="$county"})',
                         "{{bound}}")], width=6),
            row("搬迁", "Relocation"),
            stat(("从本县迁出的农户", "Households that came from here"), "Relocated households, by origin. "
                 "按迁出地统计的搬迁农户。", "short",
                 'sum(shouwang_origin_households{division="$county"}) or vector(0)', width=6),
            stat(("迁出农户未消除预警", "Their open warnings"), "Wherever they live now. 不论现居何处。",
                 "short", 'sum(shouwang_origin_warnings_open{division="$county"}) or vector(0)',
                 width=6),
            table(("本县安置点", "Sites in this county"), "Resettlement sites that lie here. 位于本县的安置点。",
                  {"site": ("安置点", "Site"), "name": ("名称", "Name")},
                  [Column("农户", "Households", with_site_name(
                      'sum by (site) (shouwang_site_households{site=~"$county.*"})')),
                   Column("未消除预警", "Open warnings", with_site_name(
                       'sum by (site) (shouwang_site_warnings_open{site=~"$county.*"})'))],
                  width=12, height=8, links={"site": ("打开安置点", "Open the site", SITE_LINK)},
                  no_value="没有安置点 / no site here"),
        ])


def sites():
    chosen = 'site=~"$site"'
    return dashboard(
        "shouwang-sites", ("集中安置点", "Resettlement sites"),
        "Jobs, services, special groups and livelihoods of relocated communities. "
        "搬迁社区的就业、公共服务、特殊群体与生计。",
        [variable("site", ("安置点", "Site"), "query_result(shouwang_site_info)",
                  regex='/name="(?<text>[^"]+)".*site="(?<value>[^"]+)"/', multi=True)],
        [
            stat(("安置点", "Sites"), "Chosen sites. 所选安置点。", "short",
                 f"count(shouwang_site_info{{{chosen}}})", width=6),
            stat(("农户", "Households"), "Households known to live there. 已知居住的农户。", "short",
                 f"sum(shouwang_site_households{{{chosen}}})", width=6),
            stat(("未消除预警", "Open warnings"), "Of the sites and their households. 安置点及其农户的预警。",
                 "short", f"sum(shouwang_site_warnings_open{{{chosen}}})", width=6),
            stat(("户均预警", "Warnings per household"), "Open warnings / households. 预警数 / 农户数。",
                 "percentunit", f"sum(shouwang_site_warnings_open{{{chosen}}}) / "
                 f"sum(shouwang_site_households{{{chosen}}})", width=6, decimals=1,
                 thresholds=PER_HOUSEHOLD),
            table(("各安置点", "Sites"), "Every chosen site. 所选安置点一览。",
                  {"site": ("安置点", "Site"), "name": ("名称", "Name")},
                  [Column("农户", "Households", with_site_name(
                      f"sum by (site) (shouwang_site_households{{{chosen}}})")),
                   Column("未消除预警", "Open warnings", with_site_name(
                       f"sum by (site) (shouwang_site_warnings_open{{{chosen}}})")),
                   Column("红色", "Red", with_site_name(
                       "sum by (site) (shouwang_site_warnings_open"
                       f'{{{chosen},severity="red"}})'), thresholds=ALARM),
                   Column("户均预警", "Warnings per household", with_site_name(
                       "site:shouwang_warnings_open_per_household:ratio"
                       f"{{{chosen}}}"), "percentunit", 1, PER_HOUSEHOLD)],
                  links={"site": ("只看此点", "This site only", SITE_LINK)},
                  sort=("户均预警 / Warnings per household", True), height=10),
            *warning_panels(chosen, "shouwang_site_warnings_open"),
            table(("安置点指标", "Site indicators"),
                  "Latest value of each of the site's own indicators: "
                  "school seats, clinic staff, jobs, care, buffer. 最新上报值：学位、医务人员、岗位、照料、缓冲。",
                  {"site": ("安置点", "Site"), "name": ("名称", "Name"),
                   "indicator": ("指标", "Indicator")},
                  [Column("最新值", "Latest", "max by (site, indicator) (shouwang_site_indicator"
                          f"{{{chosen}}}) * on (site) group_left (name) "
                          "max by (site, name) (shouwang_site_info)", "none", 2)], height=12),
        ])


def arrival():
    counties = "${province}[0-9]{4}"
    return dashboard(
        "shouwang-arrival", ("数据到达", "Data arrival"),
        "Who is late, what is refused. Silence is not safety. 谁在迟报，何值被拒；未上报不等于无风险。",
        [division_variable("province", ("省", "Province"), 2)],
        [
            stat(("上月上报率", "Completeness, last month"), "Of the whole province. 全省。", "percentunit",
                 'max(shouwang_reporting_completeness_ratio{division="$province"})', width=6,
                 decimals=1, thresholds=COMPLETE),
            stat(("迟报县", "Late counties"), "Below 80 % for last month. 上月上报率低于 80 %。", "short",
                 "count(shouwang_reporting_completeness_ratio"
                 f'{{division=~"{counties}"}} < 0.8) or vector(0)', width=6, thresholds=ALARM),
            stat(("从未上报的县", "Counties that never reported"),
                 "In the register, without a household. "
                 "已登记但没有任何农户上报。", "short",
                 f'count(shouwang_households{{division=~"{counties}"}} == 0) or vector(0)', width=6,
                 thresholds=ALARM),
            stat(("最近一次上报", "Latest report"), "Age of the newest batch. 最新批次距今。", "s",
                 'time() - max(shouwang_last_report_timestamp_seconds{division="$province"})',
                 width=6),
            stat(("最近到期月及时率", "Timeliness, last month due"),
                 "Households heard of by the due day, of those heard of. "
                 "截止日前到达的农户占已到达农户之比。", "percentunit",
                 'max(shouwang_reporting_timeliness_ratio{division="$province"})', width=8,
                 decimals=1, thresholds=COMPLETE),
            stat(("静默农户", "Silent households"),
                 "No observation for longer than the policy's cadence and days of grace. "
                 "超过上报周期和宽限期没有观测值。", "short",
                 'sum(shouwang_households_silent{division="$province"})', width=8,
                 thresholds=ALARM),
            stat(("静默上报方", "Silent reporters"),
                 "Collectors past their cadence, and townships that should have one. "
                 "超过周期未上报的采集端，及应报未报的乡镇。", "short",
                 'sum(shouwang_reporters_silent{division="$province"})', width=8,
                 thresholds=ALARM),
            table(("各县到达情况", "Counties"), "Most late first. 最迟者在前。", DIVISION_KEYS,
                  [Column("上月上报率", "Completeness", with_name(
                      "max by (division) (shouwang_reporting_completeness_ratio"
                      f'{{division=~"{counties}"}})'), "percentunit", 1, COMPLETE),
                   Column("及时率", "On time", with_name(
                      "max by (division) (shouwang_reporting_timeliness_ratio"
                      f'{{division=~"{counties}"}})'), "percentunit", 1, COMPLETE),
                   Column("静默农户", "Silent households", with_name(
                       f'sum by (division) (shouwang_households_silent{{division=~"{counties}"}})'),
                          thresholds=ALARM),
                   Column("静默上报方", "Silent reporters", with_name(
                       f'sum by (division) (shouwang_reporters_silent{{division=~"{counties}"}})'),
                          thresholds=ALARM),
                   Column("距上次上报", "Since last report", with_name(
                       "time() - max by (division) (shouwang_last_report_timestamp_seconds"
                       f'{{division=~"{counties}"}})'), "s"),
                   Column("农户", "Households", with_name(
                       f'sum by (division) (shouwang_households{{division=~"{counties}"}} > 0)')),
                   Column("观测值", "Observations", with_name(
                       f'sum by (division) (shouwang_observations{{division=~"{counties}"}} > 0)'),
                          "short")],
                  links={"division": ("打开该县", "Open the county", COUNTY_LINK)},
                  sort=("上月上报率 / Completeness", False)),
            graph(("市州上报率", "Completeness by prefecture"), "Last full month. 上一完整月。",
                  "percentunit", [query(with_name(
                      "max by (division) (shouwang_reporting_completeness_ratio"
                      '{division=~"${province}[0-9]{2}"})'), "{{name}}")], maximum=1),
            graph(("观测值速率", "Observations per second"),
                  "By what became of them: accepted, corrected "
                  "(an old value replaced), unchanged (sent again), superseded (older than what "
                  "stands), rejected. 按处理结果。", "ops",
                  [query("sum by (outcome) (rate(shouwang_ingest_observations_total"
                         "[$__rate_interval]))", "{{outcome}}")], stacked=True),
            graph(("批次速率", "Batches per second"), "Repeated: the same batch sent again. "
                  "repeated 为重复发送。", "ops",
                  [query("sum by (outcome) (rate(shouwang_ingest_batches_total"
                         "[$__rate_interval]))", "{{outcome}}")], stacked=True),
            graph(("拒收原因", "Rejections by reason"),
                  "The collector's file of rejected rows says which "
                  "rows. 具体行见采集端的拒收文件。", "ops",
                  [query("sum by (reason) (rate(shouwang_ingest_rejections_total"
                         "[$__rate_interval]))", "{{reason}}")], stacked=True),
        ], time_from="now-24h", refresh="15s")


def health():
    chosen = 'job=~"$job",instance=~"$instance"'
    rate = "[$__rate_interval]"

    def quantile(q, metric, by=""):
        return (f"histogram_quantile({q}, sum by (le{by}) (rate({metric}_bucket{{{chosen}}}"
                f"{rate})))")

    return dashboard(
        "shouwang-health", ("守护进程", "Daemon health"),
        "For the operator: is it up, is it quick, is it within its bounds. 供运维：存活、快慢、上限。",
        [variable("job", ("任务", "Job"), "label_values(shouwang_build_info, job)"),
         variable("instance", ("实例", "Instance"),
                  'label_values(shouwang_build_info{job=~"$job"}, instance)', multi=True)],
        [
            stat(("存活", "Up"), "Whether Prometheus can scrape it. 能否抓取。", "bool_yes_no",
                 f"min(up{{{chosen}}})", width=3, thresholds=GOOD_WHEN_ONE),
            stat(("运行时长", "Uptime"), "Since its start. 自启动起。", "s",
                 f"time() - max(process_start_time_seconds{{{chosen}}})", width=3),
            stat(("配置", "Configuration"), "Whether the last reload was accepted. 最近一次重载是否成功。",
                 "bool_yes_no", f"min(shouwang_config_last_reload_successful{{{chosen}}})", width=3,
                 thresholds=GOOD_WHEN_ONE),
            stat(("上次重载", "Last reload"), "Age of the configuration in force. 现行配置生效时长。", "s",
                 "time() - max(shouwang_config_last_reload_success_timestamp_seconds"
                 f"{{{chosen}}})", width=3),
            stat(("重新评估", "Re-evaluation"), "100 %: all warnings follow the policy in force. "
                 "100 % 表示全部预警符合现行政策。", "percentunit",
                 f"min(shouwang_reevaluation_progress_ratio{{{chosen}}})", width=3,
                 thresholds=threshold_steps("orange", (1, "green"))),
            stat(("指标新鲜度", "Age of the figures"), "Since the store was last read for metrics. "
                 "距上次统计。", "s", "time() - min(shouwang_metrics_refresh_timestamp_seconds"
                 f"{{{chosen}}})", width=3, thresholds=threshold_steps("green", (300, "red"))),
            stat(("写入受抑", "Writes held back"), "By the store. 存储是否抑制写入。", "bool_yes_no",
                 f"max(shouwang_store_write_stalled{{{chosen}}})", width=3, thresholds=ALARM),
            stat(("触发告警", "Alerts firing"), "All alerts of this Prometheus. 本 Prometheus 的全部告警。",
                 "short", 'count(ALERTS{alertstate="firing"}) or vector(0)', width=3,
                 thresholds=ALARM),
            table(("版本", "Version"), "What runs where. 各实例版本。",
                  {"instance": ("实例", "Instance"), "version": ("版本", "Version")},
                  [Column("运行", "Running", "max by (instance, version) (shouwang_build_info"
                          f"{{{chosen}}})")], height=5),
            row("接收", "Ingest"),
            graph(("观测值速率", "Observations per second"), "By outcome. 按处理结果。", "ops",
                  [query("sum by (outcome) (rate(shouwang_ingest_observations_total"
                         f"{{{chosen}}}{rate}))", "{{outcome}}")], stacked=True),
            graph(("批次耗时", "Batch duration"),
                  "From arrival to receipt: median and 99th percentile. "
                  "从到达到回执。", "s",
                  [query(quantile(0.5, "shouwang_batch_duration_seconds"), "p50"),
                   query(quantile(0.99, "shouwang_batch_duration_seconds"), "p99")]),
            graph(("提交耗时", "Commit duration"), "One store commit with its fsync. 一次提交（含落盘）。",
                  "s", [query(quantile(0.5, "shouwang_commit_duration_seconds"), "p50"),
                        query(quantile(0.99, "shouwang_commit_duration_seconds"), "p99")]),
            graph(("队列", "Queues"), "Batches waiting per shard, and the bound. 各分片等待批次与上限。",
                  "none", [query(f"sum by (shard) (shouwang_ingest_queue_batches{{{chosen}}})",
                                 "{{shard}}"),
                           query(f"max(shouwang_ingest_queue_limit_batches{{{chosen}}})",
                                 "上限 / limit")]),
            graph(("上报流", "Submit streams"),
                  "Open streams of collectors, and those that wait for room in a queue. "
                  "采集端连接，及其中因队列已满而等待的。", "none",
                  [query(f"sum(shouwang_ingest_streams{{{chosen}}})", "streams"),
                   query(f"sum(shouwang_ingest_streams_slowed{{{chosen}}})", "slowed")]),
            graph(("预警变动", "Warning transitions"), "Opened and cleared, per second. 新增与消除。",
                  "ops", [query("sum by (transition) (rate(shouwang_warning_transitions_total"
                                f"{{{chosen}}}{rate}))", "{{transition}}")]),
            row("查询", "Calls"),
            graph(("调用速率", "Calls per second"), "By method and answer. 按方法与返回码。", "reqps",
                  [query("sum by (method, code) (rate(shouwang_rpc_requests_total"
                         f"{{{chosen}}}{rate}))", "{{method}} {{code}}")]),
            graph(("调用耗时 p99", "Call duration p99"), "By method. 按方法。", "s",
                  [query(quantile(0.99, "shouwang_rpc_duration_seconds", ", method"),
                         "{{method}}")]),
            row("资源", "Resources"),
            graph(("内存", "Memory"), "Resident, and the store's caches and write buffers. "
                  "Designed to stay under 1 GiB. 设计上限 1 GiB。", "bytes",
                  [query(f"sum by (instance) (process_resident_memory_bytes{{{chosen}}})",
                         "{{instance}} 常驻 / resident"),
                   query(f"sum by (instance) (shouwang_store_memory_bytes{{{chosen}}})",
                         "{{instance}} 存储 / store")]),
            graph(("处理器", "CPU"), "Cores in use. 占用核数。", "none",
                  [query("sum by (instance) (rate(process_cpu_seconds_total"
                         f"{{{chosen}}}{rate}))", "{{instance}}")], decimals=2),
            graph(("磁盘", "Disk"), "Data files and logs, and what waits for compaction. "
                  "数据与日志，以及待压缩量。", "bytes",
                  [query(f"sum by (instance) (shouwang_store_bytes{{{chosen}}})",
                         "{{instance}} 数据 / data"),
                   query(f"sum by (instance) (shouwang_store_pending_compaction_bytes{{{chosen}}})",
                         "{{instance}} 待压缩 / pending")]),
            graph(("写入受抑的时间", "Time that commits are held back"),
                  "Share of the time for which the store holds commits back. "
                  "存储抑制写入的时间占比。", "percentunit",
                  [query("sum by (instance) (rate(shouwang_store_write_stalled_seconds_total"
                         f"{{{chosen}}}{rate}))", "{{instance}}")]),
            graph(("压缩与落盘", "Compactions and flushes"),
                  "Under way, and files that wait to be sorted in. 正在进行的压缩与落盘，以及待归并的文件。",
                  "none",
                  [query(f"sum by (instance) (shouwang_store_running_compactions{{{chosen}}})",
                         "{{instance}} 压缩 / compactions"),
                   query(f"sum by (instance) (shouwang_store_running_flushes{{{chosen}}})",
                         "{{instance}} 落盘 / flushes"),
                   query(f"sum by (instance) (shouwang_store_unsorted_files{{{chosen}}})",
                         "{{instance}} 待归并文件 / files to sort in")]),
            graph(("存储缓存", "The store's cache"),
                  "Used of what it may use, and the writes in it. 缓存用量与上限，以及其中的写缓冲。",
                  "bytes",
                  [query(f"sum by (instance) (shouwang_store_cache_bytes{{{chosen}}})",
                         "{{instance}} 已用 / used"),
                   query(f"sum by (instance) (shouwang_store_cache_limit_bytes{{{chosen}}})",
                         "{{instance}} 上限 / limit"),
                   query(f"sum by (instance) (shouwang_store_write_buffer_bytes{{{chosen}}})",
                         "{{instance}} 写缓冲 / write buffers")]),
            graph(("应送达的预警通知", "Alerts to deliver"),
                  "Open warnings by township, rule and severity that Alertmanagers must know, and "
                  "those past the limit. 应告知 Alertmanager 的预警（按乡镇、规则、等级）及超出上限的。",
                  "none",
                  [query(f"sum by (instance) (shouwang_alerts_firing{{{chosen}}})",
                         "{{instance}} 预警 / alerts"),
                   query(f"sum by (instance) (shouwang_alerts_left_out{{{chosen}}})",
                         "{{instance}} 未送 / left out")]),
            graph(("备份距今", "Age of the latest backup"),
                  "0 where there is none. 最近一次备份距今的时间；没有备份时为 0。", "s",
                  [query("sum by (instance) ((time() - "
                         f"shouwang_backup_last_success_timestamp_seconds{{{chosen}}}) * "
                         f"(shouwang_backup_last_success_timestamp_seconds{{{chosen}}} > bool 0))",
                         "{{instance}}")]),
            graph(("打开的文件", "Open files"), "File descriptors. 文件描述符。", "none",
                  [query(f"sum by (instance) (process_open_fds{{{chosen}}})", "{{instance}}")]),
            graph(("统计耗时", "Reading the figures"), "How long a refresh of the metrics takes. "
                  "刷新统计指标的耗时。", "s",
                  [query("max by (instance) (shouwang_metrics_refresh_duration_seconds"
                         f"{{{chosen}}})", "{{instance}}")]),
        ], time_from="now-3h", refresh="15s")


ALL = {"province.json": province, "county.json": county, "sites.json": sites,
       "arrival.json": arrival, "health.json": health}
