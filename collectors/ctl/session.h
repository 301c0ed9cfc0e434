// What every command of shouwangctl shares: the connection, the chosen form of output, the language
// and how a failed call is told. Single-threaded.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "collectors/ctl/table.h"

namespace shouwang::ctl {

// Table: for people. Json: one document. JsonLines: one object a line, as it comes, in bounded
// memory.
enum class Output { kTable, kJson, kJsonLines };
enum class Language { kChinese, kEnglish };

// Chinese where the environment's locale is (LC_ALL, LC_MESSAGES, LANG).
Language LanguageOfEnvironment();
// The account that runs this program; "uid-1000" for one without a name.
std::string AccountOfSystem();

struct SessionOptions {
  std::string server = "127.0.0.1:7443";
  std::chrono::milliseconds timeout{30'000};
  Output output = Output::kTable;
  Language language = Language::kEnglish;
  // Who calls, for the audit trail: an account, never a name. Printable ASCII, at most 64.
  std::string actor = {};
};

// Thrown and caught inside this room only: a command that can't go on. `text` is for people and
// says what to do next.
struct Failure {
  std::string text;
};

using Json = nlohmann::ordered_json;

class Session {
 public:
  Session(SessionOptions options, std::ostream& out);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Output output() const { return options_.output; }
  Language language() const { return options_.language; }
  std::ostream& out() const { return out_; }

  // `call` is one unary call with the context given, which carries the deadline. Throws Failure.
  void Call(const std::function<grpc::Status(grpc::ClientContext*)>& call) const;
  // What every call carries: who calls. Call does it by itself.
  void Introduce(grpc::ClientContext* context) const;
  // Throws the Failure that tells of `status`.
  [[noreturn]] void Fail(const grpc::Status& status) const;
  // The title in the session's language; the other one where it is empty.
  const std::string& Title(const std::string& zh, const std::string& en) const;

  void Print(const Json& json) const;
  // Below a table that holds only the first `shown`: how to see the others. Nothing in JSON.
  void TellOfMore(size_t shown) const;

 private:
  const SessionOptions options_;
  std::ostream& out_;
  const std::shared_ptr<grpc::Channel> channel_;
};

// Rows of a listing in the session's form of output. Tables and arrays are printed by Close; lines
// at once.
class Listing {
 public:
  Listing(const Session& session, std::vector<Table::Column> columns);
  void Add(const Json& object, std::vector<std::string> cells);
  // `empty` is said where a table has no rows.
  void Close(std::string_view empty);
  size_t size() const { return size_; }

 private:
  const Session& session_;
  Table table_;
  size_t size_ = 0;
};

}  // namespace shouwang::ctl
