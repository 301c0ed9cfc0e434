// Private to storage/rocks: a transaction as the keys and values of one write.
#pragma once

#include <rocksdb/write_batch.h>

#include "storage/contract/transaction.h"
#include "storage/rocks/database.h"
#include "storage/rocks/long_piles.h"

namespace shouwang::rocks {

// One operand for each block, group, rollup year and tally that the transaction touches, however
// many subjects it has; of piles that `turn` folds, the fold. `transaction` has passed
// CheckTransaction. Fails where a pile to be folded cannot be read.
absl::Status AddTransaction(const Transaction& transaction, const Database& database,
                            const LongPiles::Turn& turn, rocksdb::WriteBatch* batch);

}  // namespace shouwang::rocks
