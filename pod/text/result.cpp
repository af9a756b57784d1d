// How an error of the kernel reads.
#include "pod/text/result.hpp"

namespace podrun {

Error Error::system(std::string what, int number) { return {std::move(what) + ": " + ::strerror(number), number}; }

}  // namespace podrun
