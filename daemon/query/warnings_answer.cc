#include "daemon/query/warnings_answer.h"

#include <optional>
#include <span>
#include <string>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/query/warning_selection.h"
#include "daemon/risk/evaluator.h"
#include "storage/contract/as_of.h"

namespace shouwang::query {
namespace {

// How many subjects are judged between two questions whether the caller is still there.
constexpr size_t kSubjectsUnasked = 64;

// A page while it fills.
class Page {
 public:
  Page(const WarningSelection& selection, const Rulebook& rulebook, size_t size, uint64_t listing,
       v1::ListWarningsResponse* response)
      : selection_(selection),
        rulebook_(rulebook),
        size_(size),
        listing_(listing),
        response_(response) {}

  // False, with a token to go on from `warning`, where it matches and the page is full.
  bool Offer(const Warning& warning) {
    if (!selection_.Matches(warning)) return true;
    if (static_cast<size_t>(response_->warnings_size()) == size_) {
      GoOnFrom({warning.subject, warning.rule});
      return false;
    }
    FillWarning(warning, rulebook_, response_->add_warnings());
    return true;
  }

  void GoOnFrom(const WarningPosition& position) {
    response_->set_next_page_token(EncodePageToken(listing_, EncodePosition(position)));
  }

 private:
  const WarningSelection& selection_;
  const Rulebook& rulebook_;
  const size_t size_;
  const uint64_t listing_;
  v1::ListWarningsResponse* const response_;
};

absl::Status FillNow(const Store& store, const Division& region, const WarningPosition& from,
                     Page* page) {
  size_t looked_at = 0;
  return store.ScanWarnings(region, from.subject, from.rule, [&](const Warning& warning) {
    if (looked_at++ == kMaxWarningsLookedAt) {
      page->GoOnFrom({warning.subject, warning.rule});
      return false;
    }
    return page->Offer(warning);
  });
}

// Whether the page has room behind the subject's warnings, those before `from_rule` left out.
bool OfferOpen(const SubjectRisk& risk, RuleId from_rule, Page* page) {
  for (const RuleState& state : risk.states) {
    if (!state.opened_on || state.rule < from_rule) continue;
    const Warning warning{.subject = risk.subject,
                          .rule = state.rule,
                          .severity = state.severity,
                          .kind = state.kind,
                          .opened_on = *state.opened_on,
                          .cleared_on = {},
                          .policy_version = state.policy_version,
                          .known_at = {}};
    if (!page->Offer(warning)) return false;
  }
  return true;
}

absl::Status FillAsOf(const Store& store, const Rulebook& rulebook, const Division& region,
                      Instant as_of, const WarningPosition& from,
                      absl::FunctionRef<bool()> cancelled, Page* page) {
  risk::Evaluator evaluator(rulebook.policies, rulebook.reg.catalogue);
  size_t judged = 0;
  bool left = false;
  absl::Status status = store.ScanWithSuperseded(
      region, from.subject,
      [&](const History& history, std::span<const SupersededValue> superseded) {
        if (judged == kMaxSubjectsJudged) {
          page->GoOnFrom({history.subject(), 0});
          return false;
        }
        if (judged++ % kSubjectsUnasked == 0 && cancelled()) {
          left = true;
          return false;
        }
        const History then = AsOf(history, superseded, as_of);
        if (then.empty()) return true;
        const RuleId from_rule = then.subject() == from.subject ? from.rule : RuleId{0};
        return OfferOpen(evaluator.Replay(then), from_rule, page);
      });
  return left ? absl::CancelledError("the caller has left") : status;
}

}  // namespace

absl::Status AnswerWarnings(const Store& store, const Rulebook& rulebook, Instant now,
                            const v1::ListWarningsRequest& request,
                            absl::FunctionRef<bool()> cancelled,
                            v1::ListWarningsResponse* response) {
  FieldCheck check("ListWarnings");
  const WarningSelection selection = WarningSelection::Of(request.filter(), rulebook, &check);
  const size_t page_size =
      check.PageSize(request.page_size(), kDefaultWarningsPage, kMaxWarningsPage);
  std::string listed = "ListWarnings " + request.filter().SerializeAsString();
  std::optional<Instant> as_of;
  if (request.has_as_of_ms()) {
    as_of = check.AsOf("as_of_ms", request.as_of_ms(), now, JudgedFrom(rulebook));
    listed += " as of " + ToString(*as_of);
  }
  const uint64_t listing = Fingerprint(listed);
  const WarningPosition from = check.PageStart(request.page_token(), listing, DecodePosition);
  if (!check.ok()) return check.ToStatus();

  Page page(selection, rulebook, page_size, listing, response);
  if (as_of) {
    return FillAsOf(store, rulebook, selection.region(), *as_of, from, cancelled, &page);
  }
  return FillNow(store, selection.region(), from, &page);
}

}  // namespace shouwang::query
