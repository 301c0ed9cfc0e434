// The rulebook: what is in force. Register (indicators, divisions, sites) and policies, loaded and
// swapped as one, so that no batch is checked against one catalogue and judged by the policy of
// another.
//
// A Rulebook is immutable; hold the shared_ptr for as long as pointers into it are used (it is
// shared because readers outlive a reload).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/risk/policy.h"
#include "storage/register/register.h"
#include "storage/vocabulary/audit.h"
#include "storage/vocabulary/retention.h"

namespace shouwang {

// A file that the rulebook was made of, as its bytes were when it was read.
struct RulebookFile {
  std::string part;  // "catalogue", "divisions", "sites", "policy"
  std::string path;
  AuditHash sha256{};
};

struct Rulebook {
  Register reg;
  risk::PolicySet policies;
  // What was closed for its age; LoadRulebook leaves it empty, app puts it in (retention_pass.h).
  Retention retention;
  std::vector<RulebookFile> files;
};

struct RulebookPaths {
  std::string catalogue;
  std::string divisions;
  std::vector<Division> regions;  // divisions to keep; empty: all
  std::string sites;              // may be empty: no sites
  std::vector<std::string> policies;
};

// Never null; faults go to `problems`, and the result must then not be used.
std::shared_ptr<const Rulebook> LoadRulebook(const RulebookPaths& paths, Problems* problems);

// The rulebook in force. Any thread.
class CurrentRulebook {
 public:
  explicit CurrentRulebook(std::shared_ptr<const Rulebook> rulebook)
      : rulebook_(std::move(rulebook)) {}
  std::shared_ptr<const Rulebook> Get() const {
    absl::MutexLock lock(&mutex_);
    return rulebook_;
  }
  void Set(std::shared_ptr<const Rulebook> rulebook) {
    absl::MutexLock lock(&mutex_);
    rulebook_ = std::move(rulebook);
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Rulebook> rulebook_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
