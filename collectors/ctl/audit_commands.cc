#include <fmt/format.h>
#include <shouwang/v1/audit.grpc.pb.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collectors/ctl/audit_words.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/words.h"
#include "storage/audit/audit_chain.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 1'000;
constexpr uintmax_t kMaxHeadsFileBytes = uintmax_t{64} << 20;

// A day is its beginning in China, or its end.
int64_t ParseMoment(const char* option, const std::string& text, bool end) {
  const auto date = Date::Parse(text);
  if (date.ok()) {
    const Instant moment = end ? EndOf(*date) : EndOf(*date - 1) + std::chrono::milliseconds(1);
    return moment.time_since_epoch().count();
  }
  const auto instant = ParseInstant(text);
  if (instant.ok()) return instant->time_since_epoch().count();
  throw Failure{fmt::format(
      "{} '{}': write a day, 2026-03-01 (its {} in China), or an instant, 2026-03-01T08:30:00Z, "
      "between 1900 and 2199",
      option, text.substr(0, 40), end ? "end" : "beginning")};
}

v1::AuditFilter FilterOf(const AuditArguments& arguments) {
  v1::AuditFilter filter;
  filter.set_region(arguments.region);
  filter.set_subject(arguments.subject);
  filter.mutable_kinds()->Assign(arguments.kinds.begin(), arguments.kinds.end());
  filter.mutable_chains()->Assign(arguments.chains.begin(), arguments.chains.end());
  if (!arguments.since.empty()) filter.set_from_ms(ParseMoment("--since", arguments.since, false));
  if (!arguments.until.empty()) filter.set_to_ms(ParseMoment("--until", arguments.until, true));
  return filter;
}

Json JsonOfHead(const std::string& chain, uint64_t sequence, std::string_view hash) {
  return {{"chain", chain}, {"sequence", sequence}, {"hash", HexText(hash)}};
}

AuditHead HeadOf(const std::string& path, const v1::AuditHead& kept) {
  const absl::StatusOr<AuditChain> chain = AuditChain::Parse(kept.chain());
  const std::optional<AuditHash> hash = ParseHash(HexText(kept.hash()));
  if (!chain.ok() || !hash) {
    throw Failure{fmt::format("--heads {}: '{}' at {} is no head: {}", path, kept.chain(),
                              kept.sequence(),
                              chain.ok() ? "its hash has not 64 hexadecimal digits"
                                         : std::string(chain.status().message()))};
  }
  return {*chain, kept.sequence(), *hash};
}

// The one hash for all of the kept heads. What the file says it is must be that, or else somebody
// changed the file.
std::string KeptRoot(const std::string& path, const Json& json,
                     const v1::VerifyAuditRequest& request) {
  std::vector<AuditHead> heads;
  for (const v1::AuditHead& kept : request.heads()) heads.push_back(HeadOf(path, kept));
  std::ranges::sort(heads);
  std::string root = HashText(RootOf(heads));
  if (json.contains("root") && json["root"] != root) {
    throw Failure{
        fmt::format("--heads {}: its heads have the root {}, and it says {}: the file is not what "
                    "was kept",
                    path, root, json["root"].dump())};
  }
  return root;
}

struct KeptHeads {
  v1::VerifyAuditRequest request;
  std::string root;  // empty: no heads were kept
};

// What `audit heads --json` prints.
KeptHeads KeptIn(const std::string& path) {
  v1::VerifyAuditRequest request;
  if (path.empty()) return {};
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  const auto size = in.tellg();
  if (!in || static_cast<uintmax_t>(size) > kMaxHeadsFileBytes) {
    throw Failure{
        fmt::format("--heads {}: cannot be read, or is over {} bytes", path, kMaxHeadsFileBytes)};
  }
  in.seekg(0);
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  const auto is_head = [](const Json& head) {
    return head.is_object() && head.contains("chain") && head["chain"].is_string() &&
           head.contains("sequence") && head["sequence"].is_number_unsigned() &&
           head.contains("hash") && head["hash"].is_string();
  };
  if (!json.is_object() || !json.contains("heads") || !json["heads"].is_array()) {
    throw Failure{fmt::format("--heads {}: not what `audit heads --json` prints", path)};
  }
  for (const Json& head : json["heads"]) {
    if (!is_head(head)) {
      throw Failure{fmt::format("--heads {}: head {} has no chain, sequence and hash", path,
                                request.heads_size() + 1)};
    }
    v1::AuditHead* kept = request.add_heads();
    kept->set_chain(head["chain"].get<std::string>());
    kept->set_sequence(head["sequence"].get<uint64_t>());
    kept->set_hash(BytesOfHex(head["hash"].get<std::string>()));
  }
  std::string root = KeptRoot(path, json, request);
  return {std::move(request), std::move(root)};
}

// After all that can be read was printed: that some of it is missing.
void FailIfUnreadable(const Session& session, uint64_t unreadable) {
  if (unreadable == 0) return;
  throw Failure{session.Title(
      fmt::format("{} 条审计记录无法读取，未列出；audit verify 会指出是哪些", unreadable),
      fmt::format("{} entries cannot be read and are left out; `audit verify` names them",
                  unreadable))};
}

struct Verified {
  std::vector<v1::AuditChainResult> chains;
  v1::VerifyAuditResponse last;
};

Verified Follow(const Session& session, const v1::VerifyAuditRequest& request) {
  const auto stub = v1::AuditService::NewStub(session.channel());
  grpc::ClientContext context;
  session.Introduce(&context);
  const auto reader = stub->VerifyAudit(&context, request);
  const bool shown = isatty(STDERR_FILENO) != 0;
  Verified verified;
  v1::VerifyAuditResponse response;
  while (reader->Read(&response)) {
    for (const v1::AuditChainResult& chain : response.chains()) verified.chains.push_back(chain);
    if (response.done()) {
      verified.last = response;
    } else if (shown && response.entries_total() > 0 && response.chains().empty()) {
      fmt::print(stderr, "\r{} of {} entries ", response.entries_done(), response.entries_total());
    }
  }
  if (shown) fmt::print(stderr, "\r\033[K");
  const grpc::Status status = reader->Finish();
  if (!status.ok()) session.Fail(status);
  return verified;
}

void PrintJson(const Session& session, const Verified& verified, const std::string& root) {
  Json json = {{"sound", verified.last.sound()},
               {"entries", verified.last.entries_done()},
               {"kept_root", root.empty() ? Json() : Json(root)}};
  json["chains"] = Json::array();
  for (const v1::AuditChainResult& chain : verified.chains) {
    json["chains"].push_back(
        {{"chain", chain.chain()},
         {"entries", chain.entries()},
         {"sequence", chain.head_sequence()},
         {"hash", HexText(chain.head_hash())},
         {"faults", chain.faults()},
         {"first_fault", chain.faults() == 0 ? Json() : Json(chain.first_fault())},
         {"fault", chain.faults() == 0 ? Json() : Json(chain.fault())}});
  }
  json["strays"] = Json::array();
  for (const std::string& stray : verified.last.strays()) json["strays"].push_back(stray);
  session.Print(json);
}

void PrintFaults(const Session& session, const Verified& verified) {
  Listing listing(session, {{session.Title("链", "CHAIN")},
                            {session.Title("首处", "FIRST AT"), Table::Align::kRight},
                            {session.Title("处数", "FAULTS"), Table::Align::kRight},
                            {session.Title("问题", "WHAT")}});
  for (const v1::AuditChainResult& chain : verified.chains) {
    if (chain.faults() == 0) continue;
    listing.Add({}, {chain.chain(), std::to_string(chain.first_fault()),
                     std::to_string(chain.faults()), chain.fault()});
  }
  for (const std::string& stray : verified.last.strays()) listing.Add({}, {"", "", "", stray});
  listing.Close("");
}

}  // namespace

void ListAudit(const Session& session, const AuditArguments& arguments) {
  const auto stub = v1::AuditService::NewStub(session.channel());
  v1::ListAuditRequest request;
  *request.mutable_filter() = FilterOf(arguments);
  request.set_page_size(arguments.limit);
  request.set_latest(true);
  v1::ListAuditResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListAudit(context, request, &response); });
  Listing listing(session, {{session.Title("时间", "AT")},
                            {session.Title("事项", "KIND")},
                            {session.Title("账号", "ACTOR")},
                            {session.Title("对象", "WHERE")},
                            {session.Title("内容", "WHAT")}});
  for (const v1::AuditEntry& entry : response.entries()) {
    listing.Add(JsonOf(entry),
                {InstantText(entry.at_ms()), session.Title(entry.kind_title_zh(), entry.kind()),
                 entry.actor(), entry.subject().empty() ? entry.division() : entry.subject(),
                 InWords(entry, session.language())});
  }
  listing.Close(session.Title("没有符合条件的记录", "no such entries"));
  FailIfUnreadable(session, response.unreadable());
}

void ExportAudit(const Session& session, const AuditArguments& arguments) {
  const auto stub = v1::AuditService::NewStub(session.channel());
  v1::ListAuditRequest request;
  *request.mutable_filter() = FilterOf(arguments);
  request.set_page_size(kPage);
  uint64_t unreadable = 0;
  do {
    v1::ListAuditResponse response;
    session.Call(
        [&](grpc::ClientContext* context) { return stub->ListAudit(context, request, &response); });
    for (const v1::AuditEntry& entry : response.entries()) session.Print(JsonOf(entry));
    unreadable += response.unreadable();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  FailIfUnreadable(session, unreadable);
}

void ShowAuditHeads(const Session& session) {
  const auto stub = v1::AuditService::NewStub(session.channel());
  v1::GetAuditHeadsResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->GetAuditHeads(context, {}, &response); });
  if (session.output() != Output::kTable) {
    Json json = {{"at", InstantText(response.at_ms())}, {"root", HexText(response.root())}};
    json["heads"] = Json::array();
    for (const v1::AuditHead& head : response.heads()) {
      json["heads"].push_back(JsonOfHead(head.chain(), head.sequence(), head.hash()));
    }
    session.Print(json);
    return;
  }
  Listing listing(session, {{session.Title("链", "CHAIN")},
                            {session.Title("条数", "ENTRIES"), Table::Align::kRight},
                            {session.Title("末条哈希", "HASH OF THE LAST")}});
  for (const v1::AuditHead& head : response.heads()) {
    listing.Add({}, {head.chain(), std::to_string(head.sequence()), HexText(head.hash())});
  }
  listing.Close("");
  session.out() << fmt::format("\n{} {} {}\n", session.Title("总哈希", "root"),
                               InstantText(response.at_ms()), HexText(response.root()));
}

void VerifyAudit(const Session& session, const std::string& heads_file) {
  const KeptHeads kept = KeptIn(heads_file);
  const Verified verified = Follow(session, kept.request);
  const bool sound = verified.last.sound();
  const int heads = kept.request.heads_size();
  if (session.output() != Output::kTable) {
    PrintJson(session, verified, kept.root);
  } else if (sound) {
    session.out() << session.Title(
        fmt::format("审计记录完好：{} 条链，{} 条记录，核对 {} 个留存的链头\n",
                    verified.chains.size(), verified.last.entries_done(), heads),
        fmt::format(
            "the audit trail is sound: {} entries in {} chains, held against {} kept heads\n",
            verified.last.entries_done(), verified.chains.size(), heads));
  } else {
    PrintFaults(session, verified);
  }
  if (session.output() == Output::kTable && !kept.root.empty()) {
    session.out() << fmt::format(
        "{} {}\n", session.Title("留存链头的总哈希", "root of the kept heads"), kept.root);
  }
  if (!sound) throw Failure{session.Title("审计记录被改动过", "the past was changed")};
}

}  // namespace shouwang::ctl
