// What a coroutine of the data plane returns: awaited on the io_context that started it, never on another.
//
// The executor is io_context's own type, not any_io_executor: the latter costs a virtual call and a reference count a
// suspension. In a coroutine each co_await is a statement of its own with named, moved arguments (see decisions/).
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace apigw {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace apigw
