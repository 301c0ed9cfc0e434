"""The house rules in one place: who may include whom, where foreign headers may appear, and the
exceptions that were granted, each with its reason. tests/style/README.md says how to change them.
"""

# Room (folder) -> rooms whose headers it may include, besides its own. "proto" is the generated code.
ROOMS = {
    "storage/vocabulary": set(),
    "storage/files": set(),
    "storage/register": {"storage/vocabulary", "storage/files"},
    "storage/contract": {"storage/vocabulary"},
    "storage/blocks": {"storage/vocabulary", "storage/contract"},
    "storage/audit": {"storage/vocabulary", "storage/contract", "storage/blocks"},
    "storage/memory": {"storage/vocabulary", "storage/contract", "storage/blocks", "storage/audit"},
    "storage/rocks": {"storage/vocabulary", "storage/contract", "storage/blocks", "storage/audit"},
    "daemon/pace": set(),
    "daemon/risk": {"storage/vocabulary", "storage/files"},
    "daemon/rulebook": {"storage/vocabulary", "storage/files", "storage/register", "storage/audit",
                        "daemon/risk"},
    "daemon/journal": {"storage/vocabulary", "storage/contract", "storage/audit", "daemon/pace",
                       "daemon/rulebook"},
    "daemon/cases": {"storage/vocabulary", "storage/contract", "storage/register", "daemon/risk",
                     "daemon/rulebook"},
    "daemon/incidents": {"storage/vocabulary", "storage/contract", "daemon/pace", "daemon/risk",
                         "daemon/rulebook"},
    "daemon/screening": {"storage/vocabulary", "storage/contract", "daemon/risk"},
    "daemon/reporting": {"storage/vocabulary", "storage/contract", "storage/register",
                         "daemon/risk", "daemon/rulebook"},
    "daemon/config": {"storage/vocabulary", "storage/files", "daemon/rulebook"},
    "daemon/wire": {"storage/vocabulary", "proto"},
    "daemon/ingest": {"storage/vocabulary", "storage/contract", "storage/register", "daemon/pace",
                      "daemon/risk", "daemon/rulebook", "daemon/wire", "proto"},
    "daemon/query": {"storage/vocabulary", "storage/contract", "storage/register", "storage/audit",
                     "daemon/cases", "daemon/incidents", "daemon/journal", "daemon/pace",
                     "daemon/reporting", "daemon/risk", "daemon/rulebook", "daemon/screening", "daemon/wire", "proto"},
    "daemon/metrics": {"storage/vocabulary", "storage/contract", "storage/register",
                       "daemon/cases", "daemon/reporting", "daemon/incidents", "daemon/pace",
                       "daemon/risk", "daemon/rulebook"},
    "daemon/alerts": {"storage/vocabulary", "storage/contract", "storage/register", "daemon/cases",
                      "daemon/risk", "daemon/rulebook"},
    # Builds the rooms in order and introduces them to each other.
    "daemon/app": {"*"},
    "collectors/mapping": {"storage/vocabulary", "storage/files"},
    "collectors/submit": {"storage/vocabulary", "storage/files", "collectors/mapping",
                          "daemon/wire", "proto"},
    # `policy test` judges without a daemon, by the daemon's own engine; `audit verify` hashes the
    # heads that were kept itself.
    "collectors/ctl": {"storage/vocabulary", "storage/contract", "storage/files", "storage/register",
                       "storage/audit", "daemon/risk", "daemon/wire", "proto"},
    "collectors/simulator": {"storage/vocabulary", "storage/files", "storage/register"},
}
# What nobody but app and the tests may see: collectors are programs of their own.
APP_MAY_NOT_INCLUDE = ("collectors/",)

# Foreign headers that are wrapped in one place, by the start of the header's name -> rooms.
FOREIGN = {
    "rocksdb/": {"storage/rocks"},
    "yaml-cpp/": {"storage/files"},
    "zstd.h": {"storage/blocks"},
    # Rules of a policy, and computed columns of a sheet: two wrappers for two errors to tell.
    "muParser": {"daemon/risk", "collectors/mapping"},
    # Reading sheets, and writing simulated ones.
    "zlib.h": {"storage/files", "collectors/simulator"},
    "CLI/": {"daemon/app", "collectors/submit", "collectors/ctl", "collectors/simulator",
             "collectors/mapping"},
    "curl/": {"daemon/alerts"},
    # The chains of the audit trail, and the lot by which households are drawn.
    "openssl/": {"storage/audit", "daemon/cases"},
    "prometheus/": {"daemon/ingest", "daemon/query", "daemon/metrics", "daemon/alerts",
                    "daemon/journal", "daemon/app"},
    "grpc": {"daemon/wire", "daemon/ingest", "daemon/query", "daemon/app", "collectors/submit",
             "collectors/ctl"},
    "google/protobuf/": {"daemon/wire", "daemon/ingest", "daemon/query", "daemon/app",
                         "collectors/submit", "collectors/ctl"},
}

# Everything at the root of the tree.
TOP_LEVEL = {
    ".ci", ".clang-format", ".clang-tidy", ".gitignore", "CHANGELOG.md", "CMakeLists.txt",
    "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "README.zh.md", "collectors",
    "daemon", "deploy", "grafana", "proto", "storage", "tests",
}

# Folders that hold programs, data or tests rather than a room, or that are described in a README
# above them.
ROOTS_OF_ROOMS = ("storage", "daemon", "collectors")
README_REQUIRED = {"storage", "daemon", "collectors", "proto", "deploy", "grafana", "tests"}

MAX_SOURCE_LINES = 500
MAX_FUNCTION_LINES = 70
MAX_MEDIAN_HEADER_LINES = 90
MAX_LINE_CHARACTERS = 100

# path -> why it may be longer than MAX_SOURCE_LINES.
LONG_SOURCES = {}
# "path:first line of the function" -> why it may be longer than MAX_FUNCTION_LINES.
LONG_FUNCTIONS = {}
# path -> why it may sleep: only where a condition of another process is polled.
SLEEPING_TESTS = {
    "tests/end_to_end/programs.py": "its wait_until polls a condition of another process",
}

BANNED_WORDS_IN_TYPES = {"Manager", "Helper", "Util", "Utils", "Utility", "Impl", "Info", "Data"}
