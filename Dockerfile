# The gateway in a small image: built on Debian 12, run on its slim variant as a user without rights.
#
#   docker build -t apigw .
#   docker run --rm -p 8080:8080 -e OPENAI_API_KEY -v "$PWD/apigw.yaml:/config/apigw.yaml:ro" apigw
#
# The config in it must listen on 0.0.0.0:8080 and therefore say who may call.
# Packages come from the suite of the base image, which pins them: a rebuild takes security fixes and nothing newer.
FROM debian:12 AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
COPY . .
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends dpkg-dev file \
    && bash quick-start.sh --build-only \
    && cpack -G DEB --config build/release/CPackConfig.cmake -B /package \
    && mv /package/*.deb /apigw.deb \
    && rm -rf /var/lib/apt/lists/*

FROM debian:12-slim
# hadolint ignore=DL3008
RUN --mount=type=bind,from=build,source=/apigw.deb,target=/tmp/apigw.deb \
    apt-get update \
    && apt-get install -y --no-install-recommends /tmp/apigw.deb \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin apigw
USER 10001:10001
WORKDIR /config
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["apigw"]
CMD ["serve", "-c", "/config/apigw.yaml"]
