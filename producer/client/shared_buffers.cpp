#include "producer/client/shared_buffers.hpp"

namespace penstock::client {

Value reference_to(const shm::SharedBuffer& buffer) {
    const SlotRef& ref = buffer.ref();
    return {{"segment", ref.segment},
            {"slot", ref.slot},
            {"generation", ref.generation},
            {"bytes", ref.length}};
}

}  // namespace penstock::client
