import Engine
import OrderedJSON

/// The reference's event objects.
extension NumberedKVCacheEvent {
    var json: JSONValue { ["event_id": .integer(id), "data": data] }

    private var data: JSONValue {
        switch event {
        case .created(let blockCount):
            // Of the first level, and of a second that there isn't.
            ["type": "created", "num_blocks_per_cache_level": [.integer(blockCount), 0]]
        case .stored(let hash, let parent, let tokens):
            [
                "type": "stored", "parent_hash": parent.map { .integer(Int($0)) } ?? .null,
                "blocks": [
                    [
                        "type": "stored_block", "block_hash": .integer(Int(hash)),
                        "tokens": .array(
                            tokens.map { ["type": "unique_token", "token_id": .integer(Int($0)), "token_extra_id": 0] }
                        ),
                        "cache_level": 0, "priority": 35,
                    ]
                ],
            ]
        case .removed(let hashes):
            ["type": "removed", "block_hashes": .array(hashes.map { .integer(Int($0)) })]
        }
    }
}
