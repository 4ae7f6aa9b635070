-- The load: one body, again and again, and what came of it as a line of JSON.
-- Arguments: the file of the body, a file of headers (a line each), and a file of API keys to take in turn.

local requests, keys = {}, {}
local turn = 0

local function lines(path)
  local found = {}
  for line in io.lines(path) do
    found[#found + 1] = line
  end
  return found
end

function init(args)
  wrk.method = "POST"
  local file = assert(io.open(args[1], "rb"))
  wrk.body = file:read("*a")
  file:close()
  wrk.headers["content-type"] = "application/json"
  for _, line in ipairs(lines(args[2])) do
    local name, value = line:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
  keys = lines(args[3])
  for number, key in ipairs(keys) do
    wrk.headers["authorization"] = "Bearer " .. key
    requests[number] = wrk.format()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, _)
  local failed = summary.errors
  io.write(string.format(
    '\n{"answered": %d, "refused": %d, "broken": %d, "seconds": %.6f, "p50_ms": %.4f, "p99_ms": %.4f, "most_ms": %.4f}\n',
    summary.requests, failed.status, failed.connect + failed.read + failed.write + failed.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
