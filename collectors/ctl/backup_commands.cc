#include <fmt/format.h>
#include <shouwang/v1/admin.grpc.pb.h>
#include <unistd.h>

#include <cstdio>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

constexpr double kMiB = 1 << 20;

std::string MiBText(uint64_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) / kMiB);
}

Json JsonOf(const v1::Backup& backup) {
  return {
      {"id", backup.id()},
      {"taken_at", backup.taken_at_ms() == 0 ? Json() : Json(InstantText(backup.taken_at_ms()))},
      {"bytes", backup.bytes()},
      {"files", backup.files()},
      {"batches", backup.batches()},
      {"damaged", backup.damaged()}};
}

// One line that is written over, where someone looks on.
void ShowProgress(uint64_t done, uint64_t total) {
  if (isatty(STDERR_FILENO) == 0 || total == 0) return;
  fmt::print(stderr, "\r{} of {} MiB ", MiBText(done), MiBText(total));
}
void EndProgress() {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

// Backups take as long as they take: no deadline, but a daemon that is gone is noticed.
template <typename Response, typename Start>
v1::Backup Follow(const Session& session, Start start) {
  grpc::ClientContext context;
  session.Introduce(&context);
  auto reader = start(&context);
  Response response;
  while (reader->Read(&response)) ShowProgress(response.bytes_done(), response.bytes_total());
  EndProgress();
  const grpc::Status status = reader->Finish();
  if (!status.ok()) session.Fail(status);
  return response.backup();
}

void Print(const Session& session, std::string_view what, const v1::Backup& backup) {
  if (session.output() != Output::kTable) {
    session.Print(JsonOf(backup));
    return;
  }
  session.out() << fmt::format("backup {} {}: {} MiB in {} files, up to batch {}\n", backup.id(),
                               what, MiBText(backup.bytes()), backup.files(), backup.batches());
}

}  // namespace

void CreateBackup(const Session& session) {
  const auto stub = v1::AdminService::NewStub(session.channel());
  Print(session, "taken", Follow<v1::CreateBackupResponse>(session, [&](auto* context) {
          return stub->CreateBackup(context, {});
        }));
}

void VerifyBackup(const Session& session, uint32_t id) {
  const auto stub = v1::AdminService::NewStub(session.channel());
  v1::VerifyBackupRequest request;
  request.set_id(id);
  Print(session, "is sound", Follow<v1::VerifyBackupResponse>(session, [&](auto* context) {
          return stub->VerifyBackup(context, request);
        }));
}

void ListBackups(const Session& session) {
  const auto stub = v1::AdminService::NewStub(session.channel());
  v1::ListBackupsResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListBackups(context, {}, &response); });
  Listing listing(session, {{session.Title("备份", "BACKUP"), Table::Align::kRight},
                            {session.Title("时间", "TAKEN")},
                            {session.Title("MiB", "MIB"), Table::Align::kRight},
                            {session.Title("文件数", "FILES"), Table::Align::kRight},
                            {session.Title("截至批次", "UP TO BATCH"), Table::Align::kRight},
                            {session.Title("状态", "STATE")}});
  for (const v1::Backup& backup : response.backups()) {
    listing.Add(JsonOf(backup),
                {std::to_string(backup.id()),
                 backup.taken_at_ms() == 0 ? "" : InstantText(backup.taken_at_ms()),
                 MiBText(backup.bytes()), std::to_string(backup.files()),
                 std::to_string(backup.batches()), backup.damaged() ? "damaged" : ""});
  }
  listing.Close("no backups yet: shouwangctl backup create");
}

}  // namespace shouwang::ctl
