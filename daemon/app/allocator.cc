// How jemalloc, which shouwangd is linked with where no sanitizer brings its own allocator, keeps
// memory: few arenas, since few threads allocate much, and what was freed goes back to the system
// after two seconds, on a thread of jemalloc's own.
//
// jemalloc reads this variable by its name when the program starts.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:4,background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0";
}
