// Private to storage/rocks: a transaction as the keys and values of one write.
#pragma once

#include <rocksdb/write_batch.h>

#include "storage/contract/transaction.h"
#include "storage/rocks/database.h"

namespace shouwang::rocks {

// One operand for each block, group, rollup year and tally that the transaction touches, however
// many subjects it has. `transaction` has passed CheckTransaction.
void AddTransaction(const Transaction& transaction, const Database& database,
                    rocksdb::WriteBatch* batch);

}  // namespace shouwang::rocks
