// Reported values one below the other, as histories and explanations list them. One thread.
#pragma once

#include <string>

#include "collectors/ctl/session.h"
#include "collectors/ctl/table.h"
#include "collectors/ctl/words.h"

namespace shouwang::ctl {

class ReportedTable {
 public:
  // `session` outlives it.
  explicit ReportedTable(const Session& session)
      : session_(session),
        table_({{session.Title("日期", "DATE")},
                {session.Title("指标", "INDICATOR")},
                {session.Title("数值", "VALUE"), Table::Align::kRight},
                {session.Title("单位", "UNIT")},
                {session.Title("来源", "SOURCE")},
                {session.Title("批次", "BATCH"), Table::Align::kRight},
                {session.Title("获知时间", "KNOWN AT")}}) {}

  // `reported` is a v1::Input or a v1::Point: what both have of the value's origin.
  template <typename Reported>
  void Add(const Reported& reported, const std::string& indicator, const std::string& value,
           const std::string& unit) {
    table_.Add({DateText(reported.date()), indicator, value, unit,
                Shown(reported.source(), session_.language()), std::to_string(reported.batch()),
                InstantText(reported.known_at_ms())});
  }
  size_t size() const { return table_.size(); }
  void Print() const { table_.Print(session_.out()); }

 private:
  const Session& session_;
  Table table_;
};

}  // namespace shouwang::ctl
