-- Judges a request against several limits at once, and counts it against all of them or against none.
-- Says the same as window.rs, in whole milliseconds; the text in front of this one sets `now`.
-- KEYS: one per limit, then those that have counted one too many. ARGV: count and window of each limit.
-- Answers has_room, remaining and reset of each limit.
local limits = #ARGV / 2
for i = limits + 1, #KEYS do
  local started, current, previous = string.match(redis.call('GET', KEYS[i]) or '', '^(%d+) (%d+) (%d+)$')
  local left = redis.call('PTTL', KEYS[i])
  if started and tonumber(current) > 0 and left > 0 then
    local text = string.format('%s %.0f %s', started, tonumber(current) - 1, previous)
    redis.call('SET', KEYS[i], text, 'PX', string.format('%.0f', left))
  end
end
local states, passes = {}, true
for i = 1, limits do
  local key = KEYS[i]
  local count, span = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local started, current, previous = now, 0, 0
  local kept = redis.call('GET', key)
  if kept then
    local a, b, c = string.match(kept, '^(%d+) (%d+) (%d+)$')
    if a then started, current, previous = tonumber(a), tonumber(b), tonumber(c) end
  end
  if started > now + span then started, current, previous = now, 0, 0 end
  started = math.min(started, now)
  local elapsed = now - started
  if elapsed >= span * 2 then
    started, current, previous, elapsed = now, 0, 0, 0
  elseif elapsed >= span then
    started, current, previous, elapsed = started + span, 0, current, elapsed - span
  end
  local faded = math.ceil(previous * (span - elapsed) / span)
  local has_room = current + faded < count
  passes = passes and has_room
  states[i] = { count, span, started, current, previous, elapsed, faded, has_room }
end
local answer = {}
for i = 1, limits do
  local key = KEYS[i]
  local count, span, started, current, previous, elapsed, faded, has_room = unpack(states[i])
  if passes then
    current = current + 1
    local text = string.format('%.0f %.0f %.0f', started, current, previous)
    redis.call('SET', key, text, 'PX', string.format('%.0f', span * 2 - elapsed))
  end
  local used, reset = math.min(current + faded, count), 0
  if used > 0 then
    local fewer = used - 1
    local ends, fading, room = span * 2, current, fewer
    if current <= fewer then ends, fading, room = span, previous, fewer - current end
    local inside = math.min(math.floor(room * span / math.max(fading, 1)), span)
    reset = math.max(ends - inside - elapsed, 0)
  end
  answer[#answer + 1] = has_room and 1 or 0
  answer[#answer + 1] = count - used
  answer[#answer + 1] = reset
end
return answer
