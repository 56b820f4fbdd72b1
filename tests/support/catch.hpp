// One spelling of Catch2 for its versions 2 and 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
// Version 3 moved Approx into its namespace; version 2 has it there as well.
#endif
