#include "storage/rocks/format.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>

namespace shouwang::rocks {
namespace {

constexpr std::string_view kFormatKey = "format";

absl::Status WriteFormat(const Database& database, int format) {
  rocksdb::WriteBatch batch;
  batch.Put(database.Handle(Family::kMeta), SliceOf(kFormatKey), std::to_string(format));
  return database.Write(&batch, "writing the format version");
}

absl::Status CannotOpen(const Database& database, std::string_view why) {
  return absl::FailedPreconditionError(
      fmt::format("{} cannot be opened: {}", database.options().path, why));
}

// What a step wrote may still lie in write buffers; the number must not be there before it.
absl::Status TakeStep(const Database& database, const FormatStep& step) {
  if (step.rewrite) {
    if (absl::Status status = step.rewrite(database); !status.ok()) {
      return absl::Status(status.code(), fmt::format("{}: bringing it to format {} ({}): {}",
                                                     database.options().path, step.to, step.what,
                                                     std::string(status.message())));
    }
    const rocksdb::Status synced = database.db().SyncWAL();
    if (!synced.ok() && !synced.IsNotSupported()) {
      return FromRocks(synced, fmt::format("bringing the store to format {}", step.to));
    }
  }
  return WriteFormat(database, step.to);
}

}  // namespace

std::span<const FormatStep> FormatSteps() { return {}; }

int NewestFormat(std::span<const FormatStep> steps) { return steps.empty() ? 1 : steps.back().to; }

absl::StatusOr<int> StoredFormat(const Database& database) {
  absl::StatusOr<std::optional<std::string>> stored = database.Get(Family::kMeta, kFormatKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return 0;
  const std::string& text = **stored;
  int format = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (error != std::errc() || end != text.data() + text.size() || format < 1) {
    return absl::DataLossError(
        fmt::format("{}: its format version is damaged", database.options().path));
  }
  return format;
}

absl::Status BringToFormat(const Database& database, std::span<const FormatStep> steps) {
  const int newest = NewestFormat(steps);
  const absl::StatusOr<int> format = StoredFormat(database);
  if (!format.ok()) return format.status();
  if (*format == 0) {
    if (database.options().read_only) return CannotOpen(database, "it has no format version");
    return WriteFormat(database, newest);
  }
  if (*format > newest) {
    return CannotOpen(database,
                      fmt::format("it has format {}, this version knows up to {}; use the version "
                                  "that wrote it, or a newer one",
                                  *format, newest));
  }
  for (const FormatStep& step : steps) {
    if (step.to <= *format) continue;
    if (database.options().read_only) {
      if (step.old_is_readable) continue;
      return CannotOpen(database,
                        fmt::format("it has format {} and must be brought to format {} ({}); start "
                                    "shouwangd on it once",
                                    *format, newest, step.what));
    }
    if (absl::Status status = TakeStep(database, step); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace shouwang::rocks
