// What becomes of each field of the config in the targets that share their objects.
#pragma once
#include "emit/emitter.h"

namespace apigw::emit {

inline constexpr FieldClaim kubernetes_claims[] = {
    {"apigw", Claim::config},
    {"include", Claim::config},
    {"listen.**", Claim::written},
    {"health", Claim::written},
    {"admin.**", Claim::config},
    {"defaults.**", Claim::config},
    {"timeouts.**", Claim::config},  // drain also as the time to stop
    {"caps.**", Claim::config},
    {"outbound.**", Claim::written},
    {"pepper", Claim::written},
    {"providers.*.dialect", Claim::config},
    {"providers.*.url", Claim::written},
    {"providers.*.key", Claim::written},
    {"providers.*.outbound.**", Claim::written},
    {"providers.*.timeout", Claim::config},
    {"providers.*.connections", Claim::config},
    {"models.**", Claim::config},
    {"services.*.url", Claim::written},
    {"services.*.run", Claim::local},
    {"services.*.dir", Claim::local},
    {"services.*.port", Claim::written},
    {"services.*.env", Claim::written},
    {"services.*.calls", Claim::written},
    {"services.*.health", Claim::written},
    {"services.*.timeout", Claim::config},
    {"services.*.connections", Claim::config},
    {"services.*.outbound.**", Claim::written},
    {"services.*.image", Claim::written},
    {"services.*.scale", Claim::written},
    {"services.*.cpu", Claim::written},
    {"services.*.memory", Claim::written},
    {"routes.**", Claim::config},  // and who is called, in the network policies
    {"prompts.**", Claim::config},
    {"consumers.**", Claim::written},
    {"deploy.gateway.image", Claim::written},
    {"deploy.gateway.host", Claim::lost},
    {"deploy.gateway.scale", Claim::written},
    {"deploy.gateway.cpu", Claim::written},
    {"deploy.gateway.memory", Claim::written},
    {"deploy.kubernetes.namespace", Claim::written},
    {"deploy.kubernetes.tls", Claim::lost},
    {"deploy.patches.**", Claim::written},
    {"profiles", Claim::config},
};

}  // namespace apigw::emit
