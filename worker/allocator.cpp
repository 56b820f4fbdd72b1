// What the memory of penstock-worker comes from: jemalloc, which the program is linked with.
// Pictures of all sizes and formats, for hours, leave holes in the system's allocator that nothing
// fits into: a process grew by a third, and was twice as large (bench/images). Workers of your own
// have what they are linked with.

extern "C" {
// Read by jemalloc before main (jemalloc(3), "TUNING"). Two arenas: a few threads share what they
// have freed, and hardly ever wait for each other. What has been free for ten seconds goes back to
// the machine even while nothing happens.
extern const char* const malloc_conf;
const char* const malloc_conf = "narenas:2,background_thread:true";
}
