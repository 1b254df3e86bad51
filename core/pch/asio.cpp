// Anchor of the precompiled header asio.h, and the one place where Asio's separately compiled source lives.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
