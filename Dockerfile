# Build and run, see docs/install.md:
#   docker build -t gaupt .
#   docker run --rm -it --init -v "$PWD":/work gaupt demo -o demo
FROM python:3.11-slim

# Where torch comes from besides PyPI. The builds of this address have a longer version ("2.13.0+cpu"), which pip
# prefers. With https://pypi.org/simple it is PyPI's own build, which brings CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY data data
COPY gaupt gaupt
RUN pip install --no-cache-dir -c constraints.txt --extra-index-url "$TORCH_INDEX" .

# Any user may run it (docker run --user): what is not written to /work goes to /tmp.
RUN useradd gaupt && install -d -o gaupt -g gaupt /work
USER gaupt
ENV HOME=/tmp
WORKDIR /work
ENTRYPOINT ["gaupt"]
CMD ["--help"]
