#include "collectors/ctl/session.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "daemon/wire/status.h"

namespace shouwang::ctl {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;
constexpr int kPingMs = 20'000;
// A longer listing is printed as several tables, so that memory stays bounded.
constexpr size_t kMaxTableRows = 10'000;
constexpr size_t kMaxActorBytes = 64;

std::shared_ptr<grpc::Channel> NewChannel(const std::string& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // A watch or a backup has no deadline: this is how a daemon out of reach is noticed.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kPingMs);
  return grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Language LanguageOfEnvironment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("zh") ? Language::kChinese : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::string AccountOfSystem() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->pw_name;
  }
  return fmt::format("uid-{}", geteuid());
}

Session::Session(SessionOptions options, std::ostream& out)
    : options_(std::move(options)), out_(out), channel_(NewChannel(options_.server)) {}

void Session::Call(const std::function<grpc::Status(grpc::ClientContext*)>& call) const {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + options_.timeout);
  Introduce(&context);
  const grpc::Status status = call(&context);
  if (!status.ok()) Fail(status);
}

void Session::Introduce(grpc::ClientContext* context) const {
  std::string actor;
  for (const char c : options_.actor.substr(0, kMaxActorBytes)) {
    actor += c < ' ' || c > '~' ? '?' : c;
  }
  context->AddMetadata("shouwang-actor", actor);
}

void Session::Fail(const grpc::Status& status) const {
  std::string text = fmt::format("{}: {}", options_.server, wire::Describe(status));
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    text += fmt::format(
        "\nIs shouwangd running there? Start it with `shouwangd --config FILE` (or `systemctl "
        "start shouwangd`), or name another address with --server.");
  } else if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    text += fmt::format("\nNo answer within {} s; ask for less, or wait longer with --timeout.",
                        options_.timeout.count() / 1000);
  }
  throw Failure{text};
}

const std::string& Session::Title(const std::string& zh, const std::string& en) const {
  if (options_.language == Language::kChinese) return zh.empty() ? en : zh;
  return en.empty() ? zh : en;
}

void Session::Print(const Json& json) const { out_ << Text(json) << '\n'; }

void Session::TellOfMore(size_t shown) const {
  if (options_.output != Output::kTable) return;
  out_ << Title(fmt::format("以上为前 {} 条，还有更多：--limit N 或 --all\n", shown),
                fmt::format("the first {}; there are more: --limit N or --all\n", shown));
}

Listing::Listing(const Session& session, std::vector<Table::Column> columns)
    : session_(session), table_(std::move(columns)) {}

void Listing::Add(const Json& object, std::vector<std::string> cells) {
  switch (session_.output()) {
    case Output::kTable:
      table_.Add(std::move(cells));
      if (table_.size() < kMaxTableRows) break;
      table_.Print(session_.out());
      table_.Clear();
      break;
    case Output::kJson:
      // An array, written as it comes.
      session_.out() << (size_ == 0 ? "[" : ",\n ") << Text(object);
      break;
    case Output::kJsonLines:
      session_.Print(object);
      break;
  }
  ++size_;
}

void Listing::Close(std::string_view empty) {
  if (session_.output() == Output::kJson) {
    session_.out() << (size_ == 0 ? "[]\n" : "]\n");
  } else if (session_.output() == Output::kTable) {
    if (size_ == 0) {
      session_.out() << empty << '\n';
    } else if (table_.size() > 0) {
      table_.Print(session_.out());
    }
  }
}

}  // namespace shouwang::ctl
