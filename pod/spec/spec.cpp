// How pods are copied, moved and destroyed: member by member.
#include "pod/spec/spec.hpp"

namespace podrun::pod {

Container::Container() = default;
Container::Container(const Container&) = default;
Container::Container(Container&&) noexcept = default;
Container& Container::operator=(const Container& other) { return *this = Container(other); }
Container& Container::operator=(Container&&) noexcept = default;
Container::~Container() = default;

PodSpec::PodSpec() = default;
PodSpec::PodSpec(const PodSpec&) = default;
PodSpec::PodSpec(PodSpec&&) noexcept = default;
PodSpec& PodSpec::operator=(const PodSpec& other) { return *this = PodSpec(other); }
PodSpec& PodSpec::operator=(PodSpec&&) noexcept = default;
PodSpec::~PodSpec() = default;

Pod::Pod() = default;
Pod::Pod(const Pod&) = default;
Pod::Pod(Pod&&) noexcept = default;
Pod& Pod::operator=(const Pod& other) { return *this = Pod(other); }
Pod& Pod::operator=(Pod&&) noexcept = default;
Pod::~Pod() = default;

}  // namespace podrun::pod
