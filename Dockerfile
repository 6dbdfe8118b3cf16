# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
# What webhooks are trusted by.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/nexus /usr/local/bin/nexus
RUN install -d -o 65532 -g 65532 -m 0700 /data
USER 65532:65532
ENV NEXUS_HOST=0.0.0.0 NEXUS_DATA=/data
VOLUME /data
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s CMD ["nexus", "--healthcheck"]
ENTRYPOINT ["nexus"]
