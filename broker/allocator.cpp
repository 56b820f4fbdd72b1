// What the broker's memory comes from: jemalloc, which the program is linked with (decision 0013).
// The one place that knows of it; the sanitizers' builds have an allocator of their own.
//
// Huge pages: a broker looks at one small thing after the other, all over its memory, and would
// wait for the tables that say where a page is.
extern "C" {
// Read by jemalloc before main (jemalloc(3), "TUNING").
extern const char* const malloc_conf;
const char* const malloc_conf = "thp:always,metadata_thp:auto";
}
