// Containers whose images are fetched before they start.
#pragma once

#include "pod/annotations/composition.hpp"
#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// Whether an image of the container is not there, and is fetched.
bool awaits_image(const Pod& pod, const Container& container, const Images& images,
                  const RunParameters& run_parameters);

/// The plan of a container whose image is fetched: what is known without it.
ContainerPlan plan_without_image(const Container& container, const ContainerComposition& composed);

}  // namespace podrun::pod
