-- Takes a proof, unless the store is no longer the one that the link was made to.
-- KEYS: the key of the nonces, the proof. ARGV: the key's text, milliseconds to remember the proof.
-- Answers 1 when it was taken now, 0 when it was taken before, -1 when the store lost its memory.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
return redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[2]) and 1 or 0
