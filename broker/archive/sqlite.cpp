#include "broker/archive/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::broker {
namespace {

// Somebody who writes in the file with a tool of his own is waited for so long.
constexpr int busy_timeout_ms = 1'000;

ErrorCode code_of(int status) {
    switch (status & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return ErrorCode::malformed;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return ErrorCode::busy;
        case SQLITE_FULL: return ErrorCode::disk_full;
        default: return ErrorCode::internal;
    }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const {
    sqlite3_finalize(handle);
}

Result<Database> Database::open(const std::string& path) {
    if (!path.empty()) {
        // SQLite would let others read it, and gives its other files the same rights. If this
        // fails, the next call says why.
        const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
    sqlite3* handle = nullptr;
    const int status =
        sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database;
    database.handle_.reset(handle);
    database.path_ = path.empty() ? "the archive in memory" : path;
    database.note(status);
    if (auto failure = database.take_failure()) {
        return tl::unexpected(std::move(*failure));
    }
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    return database;
}

void Database::note(int status) {
    if (failure_ || status == SQLITE_OK || status == SQLITE_ROW || status == SQLITE_DONE) {
        return;
    }
    const int extended = handle_ ? sqlite3_extended_errcode(handle_.get()) : status;
    const char* const text = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(status);
    failure_ =
        Error{code_of(status), path_ + ": " + text + " (SQLite " + std::to_string(extended) + ")"};
}

std::optional<Error> Database::take_failure() {
    return std::exchange(failure_, std::nullopt);
}

void Database::execute(const char* sql) {
    if (!failure_) {
        note(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr));
    }
}

std::int64_t Database::number(const char* sql) {
    Statement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::uint64_t Database::changes() const {
    return static_cast<std::uint64_t>(sqlite3_changes(handle_.get()));
}

std::int64_t Database::last_position() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
    if (database_.ok()) {
        sqlite3_stmt* handle = nullptr;
        database_.note(sqlite3_prepare_v2(database_.handle_.get(), sql, -1, &handle, nullptr));
        handle_.reset(handle);
    }
}

void Statement::reset() {
    if (handle_) {
        // What it returns is how the last step() ended, which has been noted.
        static_cast<void>(sqlite3_reset(handle_.get()));
    }
    bound_ = 0;
}

void Statement::bind_next(std::int64_t value) {
    ++bound_;
    if (database_.ok()) {
        database_.note(sqlite3_bind_int64(handle_.get(), bound_, value));
    }
}

void Statement::bind_next(std::string_view value) {
    ++bound_;
    if (database_.ok()) {
        // An empty view may have no address, which would be taken for NULL.
        const char* const text = value.empty() ? "" : value.data();
        database_.note(sqlite3_bind_text64(handle_.get(), bound_, text, value.size(), SQLITE_STATIC,
                                           SQLITE_UTF8));
    }
}

void Statement::bind_next(ByteView value) {
    ++bound_;
    if (database_.ok()) {
        const void* const bytes = value.empty() ? static_cast<const void*>("") : value.data();
        database_.note(
            sqlite3_bind_blob64(handle_.get(), bound_, bytes, value.size(), SQLITE_STATIC));
    }
}

void Statement::bind_next(std::nullptr_t /*value*/) {
    ++bound_;
    if (database_.ok()) {
        database_.note(sqlite3_bind_null(handle_.get(), bound_));
    }
}

bool Statement::step() {
    if (!database_.ok()) {
        return false;
    }
    const int status = sqlite3_step(handle_.get());
    database_.note(status);
    return status == SQLITE_ROW;
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::string Statement::text(int column) const {
    const auto* const found = sqlite3_column_text(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return found == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(found), size);
}

SharedBytes Statement::blob(int column) const {
    const auto* const found =
        static_cast<const std::byte*>(sqlite3_column_blob(handle_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return SharedBytes::copy_of(ByteView(found, size));
}

Transaction::~Transaction() {
    if (open_) {
        // It is over either way; SQLite itself may have ended it.
        static_cast<void>(database_.take_failure());
        database_.execute("ROLLBACK");
        static_cast<void>(database_.take_failure());
    }
}

Result<void> Transaction::commit() {
    database_.execute("COMMIT");
    if (auto failure = database_.take_failure()) {
        return tl::unexpected(std::move(*failure));
    }
    open_ = false;
    return {};
}

}  // namespace penstock::broker
