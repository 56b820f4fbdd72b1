#include "broker/store/log/journal_id.hpp"

#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace penstock::broker {

JournalId random_journal_id() {
    JournalId id{};
    if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
        throw std::system_error(errno, std::system_category(), "getrandom");
    }
    return id;
}

}  // namespace penstock::broker
