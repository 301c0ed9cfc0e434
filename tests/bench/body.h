// The panel in the words of each peer: the bodies of its own insert requests. A format is the one
// that its users would choose for speed.
//
//   clickhouse-wide    Native block; a row is a household's month: village UInt64, household
//                      UInt16, date Date, then one Int32 per indicator, scaled
//   clickhouse-narrow  Native block; a row is a value: village UInt64, household UInt16,
//                      indicator UInt16, date Date, value Int32, scaled
//   remote-write       snappy(WriteRequest); a row is a value: the metric is the indicator, with
//   the
//                      labels county and household, in the indicator's unit
//   line-protocol      a row is a household's month: measurement report, tags county and household,
//                      one field per indicator: integers where it has no decimals, else floats
//
// A BodyWriter belongs to one thread; the panel must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/panel.h"

namespace shouwang::bench {

enum class BodyFormat { kClickhouseWide, kClickhouseNarrow, kRemoteWrite, kLineProtocol };
// nullopt for any other word than those above.
std::optional<BodyFormat> ParseBodyFormat(std::string_view name);

class BodyWriter {
 public:
  BodyWriter(const Panel& panel, BodyFormat format);

  // One household's month.
  void Add(int64_t household, int month);
  // The body of what was added, and begins anew. Empty where nothing was added.
  std::string Finish();

  // What one Add adds, in the peer's own rows.
  int64_t rows_per_report() const;

 private:
  struct Report {
    int64_t household;
    int month;
  };
  std::string WriteWide() const;
  std::string WriteNarrow() const;
  std::string WriteRemote() const;
  std::string WriteLines() const;

  const Panel& panel_;
  const BodyFormat format_;
  std::vector<Report> reports_;
};

// Which bodies one connection sends, in order: month after month, each of its villages, cut at
// every `rows` rows. Villages of one township go to one connection, so that a household's values
// arrive in time order.
class BodySequence {
 public:
  BodySequence(const Panel& panel, BodyFormat format, int64_t rows, int connection,
               int connections);

  // Empty when the panel is at its end.
  std::string Next();
  // Values in the bodies so far.
  int64_t values() const { return values_; }

 private:
  const Panel& panel_;
  BodyWriter writer_;
  const int64_t reports_per_body_;
  std::vector<int64_t> households_;
  size_t at_ = 0;
  int month_ = 0;
  int64_t values_ = 0;
};

}  // namespace shouwang::bench
